#include "clickflow/sandbox/mcp_face.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

constexpr std::string_view versions[] = {"2025-11-25", "2025-06-18", "2025-03-26"};  // the newest first
constexpr std::string_view only_version_with_batches = "2025-03-26";
constexpr std::string_view first_version_with_structured_content = "2025-06-18";
constexpr size_t most_calls_with_progress = 128;

constexpr const char* instructions =
    "List the organizations first and confirm with the person which one to work in: what is done in the "
    "wrong one "
    "cannot be undone. Drafting is asynchronous: start it, follow it with workflows.get_status, fetch the "
    "output.";

bool is_supported(std::string_view version) {
  return std::find(std::begin(versions), std::end(versions), version) != std::end(versions);
}

bool accepts(const Request& request, std::string_view type) {
  const std::string& accept = request.header("accept");
  return accept.empty() || accept.find(type) != std::string::npos || accept.find("*/*") != std::string::npos;
}

Reply with_note(Reply reply, std::string note) {
  reply.note = std::move(note);
  return reply;
}

Reply event_reply(std::shared_ptr<EventReader> events) {
  Reply reply;
  reply.content_type = "text/event-stream";
  reply.headers = {{"Cache-Control", "no-cache, no-transform"}};
  reply.events = std::move(events);
  return reply;
}

// The document of the params, or null. (What parses in place may still not become a document: a lone
// surrogate.)
Json params_of(const mcp::Message& message) {
  const Json params = Json::parse(message.params(), nullptr, false);
  return params.is_discarded() ? Json() : params;
}

std::string note_of(const mcp::Message& message) {
  if (message.is_response()) return "response";
  std::string note = message.method();
  if (note == "tools/call") note += " " + to_text(member(params_of(message), "name"));
  return note;
}

std::string notification(std::string_view method, const Json& params) {
  Json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  return to_text(message);
}

Json describe(const Tool& tool, const Session& session) {
  Json json{{"name", tool.name}};
  if (session.version >= first_version_with_structured_content) json["title"] = tool.title;
  json["description"] = tool.description;
  json["inputSchema"] = Json::parse(tool.input_schema);
  json["annotations"] = Json::parse(tool.annotations);
  return json;
}

Json to_result(const ToolAnswer& answer, const Session& session) {
  Json result{{"content", {{{"type", "text"}, {"text", answer.text}}}}};
  const bool done = answer.kind == ToolAnswer::Kind::done;
  if (done && session.version >= first_version_with_structured_content) {
    result["structuredContent"] = Json::parse(answer.text);
  }
  result["isError"] = !done;
  return result;
}

// Null where it is no tool call, or one that asks for no progress.
Json progress_token(const mcp::Message& message) {
  if (!message.is_request() || message.method() != "tools/call") return Json();
  const Json token = member(member(params_of(message), "_meta"), "progressToken");
  return token.is_string() || token.is_number_integer() ? token : Json();
}

}  // namespace

McpFace::McpFace(const Platform& platform) : platform_(platform) {}

McpFace::~McpFace() {
  stop();
}

void McpFace::stop() {
  std::list<Worker> workers;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    workers.swap(workers_);
  }
  sessions_.end_all();
  for (auto& worker : workers) worker.thread.join();
}

Reply McpFace::handle(const Request& request, const Caller& caller) {
  const std::string& version = request.header("mcp-protocol-version");
  if (!version.empty() && !is_supported(version)) {
    return refusal(400, mcp::no_answer,
                   fmt::format("Bad Request: Unsupported protocol version: {} (supported versions: {})",
                               version, fmt::join(versions, ", ")));
  }
  if (request.method == "POST") return post(request, caller);
  if (request.method == "GET") return get(request, caller);
  if (request.method == "DELETE") return remove(request, caller);
  Reply reply = refusal(405, mcp::no_answer, "Method Not Allowed");
  reply.headers = {{"Allow", "GET, POST, DELETE"}};
  return reply;
}

Reply McpFace::post(const Request& request, const Caller& caller) {
  if (!accepts(request, "application/json") || !accepts(request, "text/event-stream")) {
    return refusal(406, mcp::no_answer,
                   "Not Acceptable: Client must accept both application/json and text/event-stream");
  }
  if (request.header("content-type").find("application/json") == std::string::npos) {
    return refusal(415, mcp::no_answer, "Unsupported Media Type: Content-Type must be application/json");
  }
  const bool is_batch = mcp::looks_like_batch(request.body);
  const auto message = mcp::Message::parse(request.body);
  if (!message && !is_batch) {
    Reply reply = json_reply(mcp::make_error(message.error().id, message.error().code, message.error().what));
    reply.status = 400;
    return reply;
  }
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

  if (const Json token = progress_token(*message); !token.is_null()) {
    return with_note(call_with_progress(context, *message, token), note_of(*message));
  }
  Reply reply = json_reply(answer(context, *message));
  if (reply.body.empty()) reply.status = 202;
  return with_note(std::move(reply), note_of(*message));
}

Reply McpFace::get(const Request& request, const Caller& caller) {
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

Reply McpFace::remove(const Request& request, const Caller& caller) {
  const auto session = sessions_.find(request.header("mcp-session-id"), caller.id);
  if (!session) return refusal(404, mcp::no_answer, "Session not found");
  sessions_.end(session->id);
  return with_note(Reply(), "ends its session");
}

Reply McpFace::initialize(const mcp::Message& message, const Caller& caller) {
  const Json wanted = member(params_of(message), "protocolVersion");
  if (!wanted.is_string()) {
    return json_reply(mcp::make_error(message.id(), mcp::invalid_params, "protocolVersion is required"));
  }
  std::string version = wanted;
  if (!is_supported(version)) version = versions[0];
  const auto session = sessions_.begin(caller.id, version);
  const Json result{
      {"protocolVersion", version},
      {"capabilities", {{"tools", {{"listChanged", true}}}}},
      {"serverInfo",
       {{"name", "clickflow-sandbox"}, {"title", "ClickFlow sandbox"}, {"version", CLICKFLOW_VERSION}}},
      {"instructions", instructions}};
  Reply reply = json_reply(mcp::make_result(message.id(), to_text(result)));
  reply.headers = {{"Mcp-Session-Id", session->id}};
  return reply;
}

Reply McpFace::batch(const Context& context, const std::string& body) {
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
Reply McpFace::call_with_progress(Context context, const mcp::Message& message, const Json& token) {
  const std::string key = mcp::id_key(message.id());
  if (!context.session->begin_call(key, context.cancellation)) {
    return json_reply(mcp::make_error(message.id(), mcp::invalid_request, "A call with this id is running"));
  }
  const auto stream = context.session->open_stream();
  auto events = stream->read(0);
  context.report = [stream, token](int percent, const std::string& action) {
    stream->send(
        notification("notifications/progress",
                     {{"progressToken", token}, {"progress", percent}, {"total", 100}, {"message", action}}));
  };
  const auto work = [this, context, message, stream, key] {
    std::string text;
    try {
      text = answer(context, message);
    } catch (const std::exception& e) {
      log::error("A call failed: {}.", e.what());
      text = mcp::make_error(message.id(), mcp::internal_error, "Internal error");
    }
    context.session->end_call(key);
    if (!context.cancellation.cancelled()) stream->send(std::move(text));
    stream->close();
  };
  if (!run(work)) {
    context.session->end_call(key);
    stream->close();
    return json_reply(mcp::make_error(message.id(), mcp::internal_error, "Too many calls are running"));
  }
  return event_reply(std::move(events));
}

// Empty for a notification or a response.
std::string McpFace::answer(const Context& context, const mcp::Message& message) {
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
      tools.push_back(describe(*tool, *context.session));
    }
    return mcp::make_result(message.id(), to_text({{"tools", std::move(tools)}}));
  }
  return mcp::make_error(message.id(), mcp::method_not_found, "Method not found: " + message.method());
}

std::string McpFace::call_answer(const Context& context, const mcp::Message& message) {
  const Json params = params_of(message);
  const Json name = member(params, "name");
  if (!name.is_string())
    return mcp::make_error(message.id(), mcp::invalid_params, "The tool's name is missing");
  ToolCall call = tool_call(context);
  const Tool* tool = find_tool(name.get<std::string>(), call.organization);
  if (!tool)
    return mcp::make_error(message.id(), mcp::invalid_params, "Unknown tool: " + name.get<std::string>());
  const Json arguments = params.contains("arguments") ? params.at("arguments") : Json::object();
  return mcp::make_result(message.id(),
                          to_text(to_result(call_tool(*tool, call, arguments), *context.session)));
}

ToolCall McpFace::tool_call(const Context& context) const {
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

bool McpFace::run(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (!*worker->done) {
      ++worker;
      continue;
    }
    worker->thread.join();
    worker = workers_.erase(worker);
  }
  if (stopping_ || workers_.size() >= most_calls_with_progress) return false;
  auto done = std::make_shared<std::atomic<bool>>(false);
  workers_.push_back({std::thread([work = std::move(work), done] {
                        work();
                        *done = true;
                      }),
                      done});
  return true;
}

}  // namespace clickflow::sandbox
