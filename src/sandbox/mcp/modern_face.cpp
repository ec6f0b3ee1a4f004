#include "clickflow/sandbox/mcp/modern_face.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/sha256.h"
#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/sandbox/mcp/header_values.h"
#include "clickflow/sandbox/mcp/modern_results.h"
#include "clickflow/sandbox/mcp/request_rules.h"
#include "clickflow/sandbox/mcp/tool_messages.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

constexpr int discovery_ttl_ms = 300'000;
constexpr int tools_ttl_ms = 10'000;  // short: a client need not listen, and a switch changes the list

Reply error_reply(int status, std::string_view id, const BrokenRule& error) {
  Reply reply = json_reply(mcp::make_error(id, error.code, error.what, error.data));
  reply.status = status;
  return reply;
}

// An error of the method itself, which HTTP carries as it carries a result.
Reply invalid(const mcp::Message& message, std::string what) {
  return error_reply(200, message.id(), {mcp::invalid_params, std::move(what)});
}

// A reader whose end, for whichever reason, cancels what writes to it.
std::shared_ptr<EventReader> cancelling(std::shared_ptr<EventReader> reader,
                                        const Cancellation& cancellation) {
  EventReader* const plain = reader.get();
  return {plain, [reader = std::move(reader), cancellation](EventReader*) { cancellation.cancel(); }};
}

// Streams must not wait in a proxy until they have grown (Streamable HTTP, "Receiving Messages").
Reply stream_reply(std::shared_ptr<EventReader> events) {
  Reply reply = event_reply(std::move(events));
  reply.headers.emplace_back("X-Accel-Buffering", "no");
  return reply;
}

// One text for one request, however its arguments are ordered.
std::string identity_of(const mcp::Message& message, const Json& params, const std::string& organization) {
  const Json arguments = params.value("arguments", Json::object());
  return sha256_hex(to_text({message.method(), params.at("name"), to_sorted_text(arguments), organization}));
}

// What a call of this tool must be, beside what every request must.
std::optional<BrokenRule> broken_tool_rule(const Tool& tool, const Request& request,
                                           const mcp::Message& message, const Json& params) {
  const Json schema = parse_json(tool.input_schema);
  if (auto mismatch = parameter_mismatch(request, schema, member(params, "arguments"))) {
    return BrokenRule{mcp::header_mismatch, *std::move(mismatch)};
  }
  const auto capabilities = mcp::RequestMeta(message).client_capabilities;
  if (!tool.asks_person || mcp::is_taken_by(capabilities, "elicitation/create", "{}")) return std::nullopt;
  return BrokenRule{mcp::missing_client_capability,
                    "This tool asks the person, which needs elicitation by form",
                    R"({"requiredCapabilities":{"elicitation":{"form":{}}}})"};
}

}  // namespace

ModernFace::ModernFace(const Platform& platform, SwitchedOrganizations& switched, CallThreads& threads,
                       const McpSettings& settings)
    : platform_(platform),
      spoken_(spoken_revisions(settings.protocol)),
      test_controls_(settings.test_controls),
      switched_(switched),
      threads_(threads),
      states_(settings.clock) {}

Reply ModernFace::method_not_allowed() {
  Reply reply = refusal(405, mcp::invalid_request, "Method Not Allowed");
  reply.headers = {{"Allow", "POST"}};
  return reply;
}

Reply ModernFace::post(const Posting& posting, const Caller& caller) {
  const auto& [request, is_batch, message] = posting;
  if (is_batch) {
    return refusal(400, mcp::invalid_request, "Invalid Request: this revision of MCP has no batches");
  }
  if (message->is_response()) {
    return refusal(400, mcp::invalid_request,
                   "Invalid Request: the server asks nothing, so there is no response");
  }
  if (!message->is_request()) {  // the revision has none, and none means anything
    const std::string& version = request.header("mcp-protocol-version");
    if (!version.empty() && mcp::era_of_revision(version) != mcp::Era::modern) {
      return error_reply(400, {}, unsupported_revision(version, spoken_));
    }
    Reply reply;
    reply.status = 202;
    return with_note(std::move(reply), note_of(*message));
  }
  if (const auto broken = broken_rule(request, *message, spoken_)) {
    return with_note(error_reply(400, message->id(), *broken), note_of(*message));
  }
  return with_note(answer({*message, caller, request.header("x-organization-id")}, request),
                   note_of(*message));
}

Reply ModernFace::answer(const Inquiry& inquiry, const Request& request) {
  const std::string& method = inquiry.message.method();
  if (method == "server/discover") return discover(inquiry);
  if (method == "tools/list") return list_tools(inquiry);
  if (method == "tools/call") return call(inquiry, request);
  if (method == "subscriptions/listen") return listen(inquiry);
  return error_reply(404, inquiry.message.id(), {mcp::method_not_found, "Method not found: " + method});
}

Reply ModernFace::discover(const Inquiry& inquiry) const {
  const Json result{{"supportedVersions", spoken_},
                    {"capabilities", {{"tools", {{"listChanged", true}}}}},
                    {"instructions", server_instructions()}};
  return json_reply(cacheable(inquiry.message.id(), result, discovery_ttl_ms, true));
}

Reply ModernFace::list_tools(const Inquiry& inquiry) const {
  if (!inquiry.message.param("cursor").empty()) {
    return invalid(inquiry.message, "Invalid params: there is no such cursor; the list has one page");
  }
  Json tools = Json::array();
  for (const Tool* tool : tools_of(organization_of(inquiry), test_controls_)) {
    tools.push_back(describe(*tool, true));
  }
  return json_reply(cacheable(inquiry.message.id(), {{"tools", std::move(tools)}}, tools_ttl_ms, false));
}

Reply ModernFace::call(const Inquiry& inquiry, const Request& request) {
  const mcp::Message& message = inquiry.message;
  const Json params = params_of(message);
  const Json name = member(params, "name");
  if (!name.is_string()) return invalid(message, "The tool's name is missing");
  std::string organization = organization_of(inquiry);
  const Tool* tool = find_tool(name.get<std::string>(), organization, test_controls_);
  if (!tool) return invalid(message, "Unknown tool: " + name.get<std::string>());
  if (const auto broken = broken_tool_rule(*tool, request, message, params)) {
    return error_reply(400, message.id(), *broken);
  }
  const auto switch_to = [&switched = switched_, caller = inquiry.caller](const std::string& wanted) {
    switched.switch_to(caller, wanted);
  };
  ToolCall call{platform_, inquiry.caller, std::move(organization), switch_to, {}, {}};
  if (auto problem = take_responses(inquiry, params, call)) return invalid(message, *std::move(problem));
  const Json token = progress_token(params);
  if (!token.is_null()) return call_with_progress(inquiry, *tool, std::move(call), token);
  return json_reply(call_answer(inquiry, *tool, call));
}

// Answers count only with the state that shows that they were asked for.
std::optional<std::string> ModernFace::take_responses(const Inquiry& inquiry, const Json& params,
                                                      ToolCall& call) const {
  const Json responses = member(params, "inputResponses");
  if (!responses.is_null() && !responses.is_object()) {
    return "Invalid params: inputResponses must be an object";
  }
  const Json state = member(params, "requestState");
  if (state.is_null()) return std::nullopt;
  if (!state.is_string()) return "Invalid params: requestState must be a string";
  call.input_responses = to_text(responses);
  return states_.problem_with(state.get<std::string>(), inquiry.caller.id,
                              identity_of(inquiry.message, params, call.organization));
}

Reply ModernFace::call_with_progress(const Inquiry& inquiry, const Tool& tool, ToolCall call,
                                     const Json& token) {
  const auto stream = std::make_shared<EventStream>();
  auto events = cancelling(stream->read(0), call.cancellation);
  call.report = progress_on(stream, token);
  const Cancellation cancellation = call.cancellation;
  auto work = [this, inquiry, &tool, call, stream]() mutable {
    std::string text =
        guarded(std::string(inquiry.message.id()), [&] { return call_answer(inquiry, tool, call); });
    if (!call.cancellation.cancelled()) stream->send(std::move(text));
    stream->close();
  };
  if (!threads_.run(cancellation, std::move(work))) {
    return error_reply(200, inquiry.message.id(), {mcp::internal_error, "Too many calls are running"});
  }
  return stream_reply(std::move(events));
}

std::string ModernFace::call_answer(const Inquiry& inquiry, const Tool& tool, ToolCall& call) const {
  const Json params = params_of(inquiry.message);
  const Json arguments = params.contains("arguments") ? params.at("arguments") : Json::object();
  const ToolAnswer answer = call_tool(tool, call, arguments);
  if (answer.kind != ToolAnswer::Kind::asks) {
    return complete(inquiry.message.id(), tool_result(answer, true));
  }
  const std::string identity = identity_of(inquiry.message, params, call.organization);
  return input_required(inquiry.message.id(), parse_json(answer.text),
                        states_.make(inquiry.caller.id, identity));
}

Reply ModernFace::listen(const Inquiry& inquiry) {
  const Json wanted = member(params_of(inquiry.message), "notifications");
  if (!wanted.is_object()) return invalid(inquiry.message, "Invalid params: notifications must be an object");
  const Json tools = member(wanted, "toolsListChanged");
  if (!tools.is_null() && !tools.is_boolean()) {
    return invalid(inquiry.message, "Invalid params: toolsListChanged must be true or false");
  }
  auto events = subscriptions_.open({std::string(inquiry.message.id()), inquiry.caller.id, tools == true,
                                     !inquiry.organization_header.empty()});
  if (!events) {
    return error_reply(200, inquiry.message.id(), {mcp::internal_error, "Too many subscriptions are open"});
  }
  return stream_reply(std::move(events));
}

void ModernFace::switched(const Caller& caller, const std::string& before, const std::string& after) {
  if (tools_of(before) != tools_of(after)) subscriptions_.tools_changed(caller.id);
}

std::string ModernFace::organization_of(const Inquiry& inquiry) const {
  return organization_for(inquiry.caller, inquiry.organization_header, switched_.of(inquiry.caller));
}

}  // namespace clickflow::sandbox
