#include "parameter_headers.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "header_annotations.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

std::string string_member(std::string_view object, std::string_view name) {
  const auto value = json::member(object, name);
  return value && json::is_string(*value) ? json::decode(*value) : std::string();
}

// The message without those elements of the list, which is a view of its text.
mcp::Message without(const mcp::Message& answer, std::string_view list,
                     const std::vector<std::string_view>& left_out) {
  std::string kept = "[";
  json::Elements elements(list);
  for (size_t next = 0; const auto element = elements.next();) {
    if (next < left_out.size() && element->data() == left_out[next].data()) {
      ++next;
      continue;
    }
    if (kept.size() > 1) kept += ',';
    kept += *element;
  }
  return answer.with(list, kept + ']');
}

}  // namespace

mcp::Message ParameterHeaders::learn(const mcp::Message& request, mcp::Message answer) {
  const auto list = json::member(answer.result(), "tools");
  if (!list) return answer;
  Tools tools;
  std::vector<std::string_view> left_out;
  json::Elements elements(*list);
  while (const auto tool = elements.next()) {
    const std::string name = string_member(*tool, "name");
    auto parameters = annotated_parameters(json::member(*tool, "inputSchema").value_or(""));
    if (parameters) {
      tools[name] = *std::move(parameters);
      continue;
    }
    log::warn("the server's tool {} is left out: {}", json::encode(name), parameters.error());
    left_out.push_back(*tool);
  }
  const auto cursor = request.param("cursor");
  keep(std::move(tools), json::is_string(cursor) ? json::decode(cursor) : "",
       string_member(answer.result(), "nextCursor"));
  if (left_out.empty()) return answer;
  return without(answer, *list, left_out);
}

void ParameterHeaders::keep(Tools tools, const std::string& cursor, const std::string& next) {
  std::lock_guard lock(mutex_);
  if (cursor.empty()) {
    pages_.clear();
  } else if (cursor != next_) {
    // A page of some other list: what it says is true, and where it ends says nothing.
    for (auto& [name, parameters] : tools) known_[name] = std::move(parameters);
    return;
  }
  for (auto& [name, parameters] : tools) pages_[name] = std::move(parameters);
  next_ = next;
  if (!next.empty()) return;
  known_ = std::exchange(pages_, {});
  knows_all_ = true;
}

std::optional<std::vector<ParameterHeader>> ParameterHeaders::of(const std::string& tool) const {
  std::lock_guard lock(mutex_);
  for (const auto* tools : {&pages_, &known_}) {
    if (const auto found = tools->find(tool); found != tools->end()) return found->second;
  }
  if (knows_all_) return std::vector<ParameterHeader>();
  return {};
}

}  // namespace clickflow::remote
