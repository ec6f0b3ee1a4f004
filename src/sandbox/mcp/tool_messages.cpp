#include "clickflow/sandbox/mcp/tool_messages.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/mcp/message.h"
#include "clickflow/sandbox/mcp/posting.h"

namespace clickflow::sandbox {

Json describe(const Tool& tool, bool newer) {
  Json json{{"name", tool.name}};
  if (newer) json["title"] = tool.title;
  json["description"] = tool.description;
  json["inputSchema"] = parse_json(tool.input_schema);
  json["annotations"] = parse_json(tool.annotations);
  return json;
}

Json tool_result(const ToolAnswer& answer, bool newer) {
  Json result{{"content", {{{"type", "text"}, {"text", answer.text}}}}};
  const bool done = answer.kind == ToolAnswer::Kind::done;
  if (done && newer) result["structuredContent"] = parse_json(answer.text);
  result["isError"] = !done;
  return result;
}

Json server_info() {
  return {{"name", "clickflow-sandbox"}, {"title", "ClickFlow sandbox"}, {"version", CLICKFLOW_VERSION}};
}

const char* server_instructions() {
  return "List the organizations first and confirm with the person which one to work in: what is done in the "
         "wrong one cannot be undone. Drafting is asynchronous: start it, follow it with "
         "workflows.get_status, "
         "fetch the output.";
}

Json progress_token(const Json& params) {
  const Json token = member(member(params, "_meta"), "progressToken");
  return token.is_string() || token.is_number_integer() ? token : Json();
}

std::function<void(int, const std::string&)> progress_on(std::shared_ptr<EventStream> stream, Json token) {
  return [stream = std::move(stream), token = std::move(token)](int percent, const std::string& action) {
    stream->send(
        notification("notifications/progress",
                     {{"progressToken", token}, {"progress", percent}, {"total", 100}, {"message", action}}));
  };
}

std::string guarded(const std::string& id, const std::function<std::string()>& answer) {
  try {
    return answer();
  } catch (const std::exception& e) {
    log::error("A call failed: {}.", e.what());
    return mcp::make_error(id, mcp::internal_error, "Internal error");
  }
}

}  // namespace clickflow::sandbox
