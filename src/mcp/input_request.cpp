#include "clickflow/mcp/input_request.h"

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::mcp {

bool may_ask_for_input(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

std::string make_input_required(std::string_view requests, std::string_view state) {
  return json::ObjectText()
      .add("resultType", R"("input_required")")
      .add("inputRequests", requests)
      .add("requestState", json::encode(state))
      .text();
}

bool is_input_required(std::string_view result) {
  const auto type = json::member(result, "resultType");
  return type && json::is_string(*type) && json::says(*type, "input_required");
}

std::vector<InputRequest> input_requests_in(std::string_view result) {
  std::vector<InputRequest> requests;
  json::Members entries(json::member(result, "inputRequests").value_or(""));
  while (const auto entry = entries.next()) {
    const auto method = json::member(entry->value, "method");
    if (!method || !json::is_string(*method)) continue;
    requests.push_back({std::string(entry->key), json::decode(*method),
                        std::string(json::member(entry->value, "params").value_or(""))});
  }
  return requests;
}

bool is_taken_by(std::string_view capabilities, std::string_view method, std::string_view params) {
  if (method == "roots/list") return json::member(capabilities, "roots").has_value();
  if (method == "sampling/createMessage") {
    const auto sampling = json::member(capabilities, "sampling");
    const bool with_tools = json::member(params, "tools") || json::member(params, "toolChoice");
    return sampling && (!with_tools || json::member(*sampling, "tools"));
  }
  if (method == "elicitation/create") {
    const auto elicitation = json::member(capabilities, "elicitation");
    if (!elicitation) return false;
    const auto mode = json::member(params, "mode");
    const bool by_url = mode && json::is_string(*mode) && json::says(*mode, "url");
    const bool names_url = json::member(*elicitation, "url").has_value();
    return by_url ? names_url : !names_url || json::member(*elicitation, "form").has_value();
  }
  return false;
}

}  // namespace clickflow::mcp
