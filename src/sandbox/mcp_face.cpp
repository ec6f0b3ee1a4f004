#include "clickflow/sandbox/mcp_face.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/rpc.h"

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

Reply json_reply(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
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

std::string note_of(const Json& message) {
  std::string note = message.value("method", "response");
  if (note == "tools/call") note += " " + to_text(member(member(message, "params"), "name"));
  return note;
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

/// Null where the call asks for no progress.
Json progress_token(const Json& message) {
  const Json token = member(member(member(message, "params"), "_meta"), "progressToken");
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
    return rpc::refuse(400, rpc::server_error,
                       fmt::format("Bad Request: Unsupported protocol version: {} (supported versions: {})",
                                   version, fmt::join(versions, ", ")));
  }
  if (request.method == "POST") return post(request, caller);
  if (request.method == "GET") return get(request, caller);
  if (request.method == "DELETE") return remove(request, caller);
  Reply reply = rpc::refuse(405, rpc::server_error, "Method Not Allowed");
  reply.headers = {{"Allow", "GET, POST, DELETE"}};
  return reply;
}

Reply McpFace::post(const Request& request, const Caller& caller) {
  if (!accepts(request, "application/json") || !accepts(request, "text/event-stream")) {
    return rpc::refuse(406, rpc::server_error,
                       "Not Acceptable: Client must accept both application/json and text/event-stream");
  }
  if (request.header("content-type").find("application/json") == std::string::npos) {
    return rpc::refuse(415, rpc::server_error,
                       "Unsupported Media Type: Content-Type must be application/json");
  }
  const Json message = Json::parse(request.body, nullptr, false);
  if (message.is_discarded()) return rpc::refuse(400, rpc::parse_error, "Parse error: Invalid JSON");

  const std::string& session_id = request.header("mcp-session-id");
  const auto kind = rpc::kind_of(message);
  if (kind == rpc::Kind::request && message.at("method") == "initialize" && session_id.empty()) {
    return with_note(initialize(message, caller), "initialize");
  }
  if (session_id.empty()) {
    return rpc::refuse(400, rpc::server_error, "Bad Request: Mcp-Session-Id header is required");
  }
  const Context context{
      caller, sessions_.find(session_id, caller.id), request.header("x-organization-id"), {}, {}};
  if (!context.session) return rpc::refuse(404, rpc::server_error, "Session not found");

  if (message.is_array() && context.session->version == only_version_with_batches) {
    return with_note(batch(context, message), "batch");
  }
  if (!kind) return rpc::refuse(400, rpc::invalid_request, "Invalid Request: this is no JSON-RPC message");
  if (kind == rpc::Kind::request && message.at("method") == "tools/call" &&
      !progress_token(message).is_null()) {
    return with_note(call_with_progress(context, message), note_of(message));
  }
  Reply reply = json_reply(answer(context, message));
  if (reply.body.empty()) reply.status = 202;
  return with_note(std::move(reply), note_of(message));
}

Reply McpFace::get(const Request& request, const Caller& caller) {
  if (!accepts(request, "text/event-stream")) {
    return rpc::refuse(406, rpc::server_error, "Not Acceptable: Client must accept text/event-stream");
  }
  const std::string& session_id = request.header("mcp-session-id");
  if (session_id.empty()) {
    return rpc::refuse(400, rpc::server_error, "Bad Request: Mcp-Session-Id header is required");
  }
  const auto session = sessions_.find(session_id, caller.id);
  if (!session) return rpc::refuse(404, rpc::server_error, "Session not found");
  const std::string& last_event = request.header("last-event-id");
  auto events = last_event.empty() ? session->listen() : session->resume(last_event);
  if (!events) return rpc::refuse(400, rpc::server_error, "Bad Request: Last-Event-ID is not known");
  return with_note(event_reply(std::move(events)),
                   last_event.empty() ? "listens" : "resumes after event " + last_event);
}

Reply McpFace::remove(const Request& request, const Caller& caller) {
  const auto session = sessions_.find(request.header("mcp-session-id"), caller.id);
  if (!session) return rpc::refuse(404, rpc::server_error, "Session not found");
  sessions_.end(session->id);
  Reply reply;
  reply.status = 204;
  return with_note(std::move(reply), "ends its session");
}

Reply McpFace::initialize(const Json& message, const Caller& caller) {
  const Json wanted = member(member(message, "params"), "protocolVersion");
  if (!wanted.is_string()) {
    return json_reply(rpc::error(message.at("id"), rpc::invalid_params, "protocolVersion is required"));
  }
  std::string version = wanted;
  if (!is_supported(version)) version = versions[0];
  const auto session = sessions_.begin(caller.id, version);
  Reply reply = json_reply(rpc::result(
      message.at("id"),
      {{"protocolVersion", version},
       {"capabilities", {{"tools", {{"listChanged", true}}}}},
       {"serverInfo",
        {{"name", "clickflow-sandbox"}, {"title", "ClickFlow sandbox"}, {"version", CLICKFLOW_VERSION}}},
       {"instructions", instructions}}));
  reply.headers = {{"Mcp-Session-Id", session->id}};
  return reply;
}

Reply McpFace::batch(const Context& context, const Json& messages) {
  std::string answers;
  for (const auto& message : messages) {
    const std::string one = rpc::kind_of(message) ? answer(context, message)
                                                  : rpc::error(nullptr, rpc::invalid_request,
                                                               "Invalid Request: no JSON-RPC message");
    if (!one.empty()) answers += (answers.empty() ? "" : ",") + one;
  }
  if (messages.empty()) return rpc::refuse(400, rpc::invalid_request, "Invalid Request: the batch is empty");
  Reply reply;
  if (answers.empty()) {
    reply.status = 202;
  } else {
    reply.body = "[" + answers + "]";
  }
  return reply;
}

// A call that asks for progress: the reply reads its stream, and the work goes on by itself.
Reply McpFace::call_with_progress(Context context, const Json& message) {
  const Json& id = message.at("id");
  if (!context.session->begin_call(id.dump(), context.cancellation)) {
    return json_reply(
        rpc::error(id, rpc::invalid_request, "Invalid Request: a call with this id is running"));
  }
  const auto stream = context.session->open_stream();
  auto events = stream->read(0);
  context.report = [stream, token = progress_token(message)](int percent, const std::string& action) {
    stream->send(rpc::notification(
        "notifications/progress",
        {{"progressToken", token}, {"progress", percent}, {"total", 100}, {"message", action}}));
  };
  const auto work = [this, context, message, stream] {
    std::string text;
    try {
      text = answer(context, message);
    } catch (const std::exception& e) {
      log::error("A call failed: {}.", e.what());
      text = rpc::error(message.at("id"), rpc::internal_error, "Internal error");
    }
    context.session->end_call(message.at("id").dump());
    if (!context.cancellation.cancelled()) stream->send(std::move(text));
    stream->close();
  };
  if (!run(work)) {
    context.session->end_call(id.dump());
    stream->close();
    return json_reply(rpc::error(id, rpc::internal_error, "Too many calls are running"));
  }
  return event_reply(std::move(events));
}

// Empty for a notification or a response.
std::string McpFace::answer(const Context& context, const Json& message) {
  const std::string method = message.value("method", "");
  if (rpc::kind_of(message) != rpc::Kind::request) {
    if (method == "notifications/cancelled") {
      context.session->cancel_call(member(member(message, "params"), "requestId").dump());
    }
    return "";
  }
  const Json& id = message.at("id");
  if (method == "ping") return rpc::result(id, Json::object());
  if (method == "tools/call") return call_answer(context, message);
  if (method != "tools/list") return rpc::error(id, rpc::method_not_found, "Method not found: " + method);
  Json tools = Json::array();
  for (const Tool* tool : tools_of(tool_call(context).organization))
    tools.push_back(describe(*tool, *context.session));
  return rpc::result(id, {{"tools", std::move(tools)}});
}

std::string McpFace::call_answer(const Context& context, const Json& message) {
  const Json& id = message.at("id");
  const Json params = member(message, "params");
  const Json name = member(params, "name");
  if (!name.is_string()) return rpc::error(id, rpc::invalid_params, "The tool's name is missing");
  ToolCall call = tool_call(context);
  const Tool* tool = find_tool(name.get<std::string>(), call.organization);
  if (!tool) return rpc::error(id, rpc::invalid_params, "Unknown tool: " + name.get<std::string>());
  const Json arguments = params.contains("arguments") ? params.at("arguments") : Json::object();
  return rpc::result(id, to_result(call_tool(*tool, call, arguments), *context.session));
}

ToolCall McpFace::tool_call(const Context& context) const {
  const auto session = context.session;
  std::string organization =
      organization_for(context.caller, context.organization_header, session->organization());
  auto switch_to = [session, before = organization](const std::string& after) {
    session->switch_to(after);
    if (tools_of(before) != tools_of(after)) {
      session->notify(rpc::notification("notifications/tools/list_changed", nullptr));
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
