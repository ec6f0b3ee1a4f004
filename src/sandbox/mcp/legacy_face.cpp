#include "clickflow/sandbox/mcp/legacy_face.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/sandbox/mcp/tool_messages.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

constexpr std::string_view only_version_with_batches = "2025-03-26";
constexpr std::string_view first_version_with_newer_members = "2025-06-18";

bool is_supported(std::string_view version) {
  return mcp::era_of_revision(version) == mcp::Era::legacy;
}

bool has_newer_members(const Session& session) {
  return session.version >= first_version_with_newer_members;
}

std::optional<Reply> refuse_version(const Request& request) {
  const std::string& version = request.header("mcp-protocol-version");
  if (version.empty() || is_supported(version)) return std::nullopt;
  return refusal(400, mcp::no_answer,
                 fmt::format("Bad Request: Unsupported protocol version: {} (supported versions: {})",
                             version, fmt::join(mcp::legacy_revisions, ", ")));
}

}  // namespace

LegacyFace::LegacyFace(const Platform& platform, CallThreads& threads)
    : platform_(platform), threads_(threads) {}

Reply LegacyFace::handle(const Request& request, const Caller& caller) {
  if (auto refused = refuse_version(request)) return *std::move(refused);
  if (request.method == "GET") return get(request, caller);
  if (request.method == "DELETE") return remove(request, caller);
  Reply reply = refusal(405, mcp::no_answer, "Method Not Allowed");
  reply.headers = {{"Allow", "GET, POST, DELETE"}};
  return reply;
}

Reply LegacyFace::post(const Posting& posting, const Caller& caller) {
  const auto& [request, is_batch, message] = posting;
  if (auto refused = refuse_version(request)) return *std::move(refused);
  const std::string& session_id = request.header("mcp-session-id");
  if (message && message->is_request() && message->method() == "initialize" && session_id.empty()) {
    return with_note(initialize(*message, caller), "initialize");
  }
  if (session_id.empty()) {
    return refusal(400, mcp::no_answer, "Bad Request: Mcp-Session-Id header is required");
  }
  const Context context{
      caller, sessions_.find(session_id, caller.id), request.header("x-organization-id"), {}, {}};
  if (!context.session) return refusal(404, mcp::no_answer, "Session not found");
  if (is_batch) return with_note(batch(context, request.body), "batch");

  const bool is_call = message->is_request() && message->method() == "tools/call";
  const Json token = is_call ? progress_token(params_of(*message)) : Json();
  if (!token.is_null()) return with_note(call_with_progress(context, *message, token), note_of(*message));
  Reply reply = json_reply(answer(context, *message));
  if (reply.body.empty()) reply.status = 202;
  return with_note(std::move(reply), note_of(*message));
}

Reply LegacyFace::get(const Request& request, const Caller& caller) {
  if (!accepts(request, "text/event-stream")) {
    return refusal(406, mcp::no_answer, "Not Acceptable: Client must accept text/event-stream");
  }
  const std::string& session_id = request.header("mcp-session-id");
  if (session_id.empty()) {
    return refusal(400, mcp::no_answer, "Bad Request: Mcp-Session-Id header is required");
  }
  const auto session = sessions_.find(session_id, caller.id);
  if (!session) return refusal(404, mcp::no_answer, "Session not found");
  const std::string& last_event = request.header("last-event-id");
  auto events = last_event.empty() ? session->listen() : session->resume(last_event);
  if (!events) return refusal(400, mcp::no_answer, "Bad Request: Last-Event-ID is not known");
  return with_note(event_reply(std::move(events)),
                   last_event.empty() ? "listens" : "resumes after event " + last_event);
}

Reply LegacyFace::remove(const Request& request, const Caller& caller) {
  const auto session = sessions_.find(request.header("mcp-session-id"), caller.id);
  if (!session) return refusal(404, mcp::no_answer, "Session not found");
  sessions_.end(session->id);
  return with_note(Reply(), "ends its session");
}

Reply LegacyFace::initialize(const mcp::Message& message, const Caller& caller) {
  const Json wanted = member(params_of(message), "protocolVersion");
  if (!wanted.is_string()) {
    return json_reply(mcp::make_error(message.id(), mcp::invalid_params, "protocolVersion is required"));
  }
  std::string version = wanted;
  if (!is_supported(version)) version = mcp::newest_legacy_revision;
  const auto session = sessions_.begin(caller.id, version);
  const Json result{{"protocolVersion", version},
                    {"capabilities", {{"tools", {{"listChanged", true}}}}},
                    {"serverInfo", server_info()},
                    {"instructions", server_instructions()}};
  Reply reply = json_reply(mcp::make_result(message.id(), to_text(result)));
  reply.headers = {{"Mcp-Session-Id", session->id}};
  return reply;
}

Reply LegacyFace::batch(const Context& context, const std::string& body) {
  if (context.session->version != only_version_with_batches) {
    return refusal(400, mcp::invalid_request, "Invalid Request: this revision of MCP has no batches");
  }
  const auto messages = mcp::split_batch(body);
  if (!messages) return refusal(400, mcp::parse_error, "Parse error: the batch is not valid JSON");
  if (messages->empty()) return refusal(400, mcp::invalid_request, "Invalid Request: the batch is empty");
  std::string answers;
  for (const auto& text : *messages) {
    const auto message = mcp::Message::parse(text);
    const std::string one =
        message ? answer(context, *message)
                : mcp::make_error(message.error().id, message.error().code, message.error().what);
    if (!one.empty()) answers += (answers.empty() ? "" : ",") + one;
  }
  Reply reply;
  if (answers.empty()) {
    reply.status = 202;
  } else {
    reply.body = "[" + answers + "]";
  }
  return reply;
}

// The reply reads the call's stream, and the work goes on by itself.
Reply LegacyFace::call_with_progress(Context context, const mcp::Message& message, const Json& token) {
  const std::string key = mcp::id_key(message.id());
  if (!context.session->begin_call(key, context.cancellation)) {
    return json_reply(mcp::make_error(message.id(), mcp::invalid_request, "A call with this id is running"));
  }
  const auto stream = context.session->open_stream();
  auto events = stream->read(0);
  context.report = progress_on(stream, token);
  const auto work = [this, context, message, stream, key] {
    std::string text = guarded(std::string(message.id()), [&] { return answer(context, message); });
    context.session->end_call(key);
    if (!context.cancellation.cancelled()) stream->send(std::move(text));
    stream->close();
  };
  if (!threads_.run(context.cancellation, work)) {
    context.session->end_call(key);
    stream->close();
    return json_reply(mcp::make_error(message.id(), mcp::internal_error, "Too many calls are running"));
  }
  return event_reply(std::move(events));
}

// Empty for a notification or a response.
std::string LegacyFace::answer(const Context& context, const mcp::Message& message) {
  if (!message.is_request()) {
    const std::string_view id = message.param("requestId");
    const bool is_id = mcp::json::is_string(id) || mcp::json::is_number(id);
    if (message.method() == "notifications/cancelled" && is_id) context.session->cancel_call(mcp::id_key(id));
    return "";
  }
  if (message.method() == "ping") return mcp::make_result(message.id(), "{}");
  if (message.method() == "tools/call") return call_answer(context, message);
  if (message.method() == "tools/list") {
    Json tools = Json::array();
    for (const Tool* tool : tools_of(tool_call(context).organization)) {
      tools.push_back(describe(*tool, has_newer_members(*context.session)));
    }
    return mcp::make_result(message.id(), to_text({{"tools", std::move(tools)}}));
  }
  return mcp::make_error(message.id(), mcp::method_not_found, "Method not found: " + message.method());
}

std::string LegacyFace::call_answer(const Context& context, const mcp::Message& message) {
  const Json params = params_of(message);
  const Json name = member(params, "name");
  if (!name.is_string())
    return mcp::make_error(message.id(), mcp::invalid_params, "The tool's name is missing");
  ToolCall call = tool_call(context);
  const Tool* tool = find_tool(name.get<std::string>(), call.organization);
  if (!tool)
    return mcp::make_error(message.id(), mcp::invalid_params, "Unknown tool: " + name.get<std::string>());
  const Json arguments = params.contains("arguments") ? params.at("arguments") : Json::object();
  const ToolAnswer answer = call_tool(*tool, call, arguments);
  return mcp::make_result(message.id(), to_text(tool_result(answer, has_newer_members(*context.session))));
}

ToolCall LegacyFace::tool_call(const Context& context) const {
  const auto session = context.session;
  std::string organization =
      organization_for(context.caller, context.organization_header, session->organization());
  auto switch_to = [session, before = organization](const std::string& after) {
    session->switch_to(after);
    if (tools_of(before) != tools_of(after)) {
      session->notify(notification("notifications/tools/list_changed", nullptr));
    }
  };
  return {platform_, context.caller, std::move(organization),
          switch_to, context.report, context.cancellation};
}

}  // namespace clickflow::sandbox
