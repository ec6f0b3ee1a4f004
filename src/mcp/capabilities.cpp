#include "clickflow/mcp/capabilities.h"

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::mcp {
namespace {

constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

}  // namespace

bool declares_tasks_extension(std::string_view capabilities) {
  const auto extensions = json::member(capabilities, "extensions");
  return extensions && json::member(*extensions, tasks_extension);
}

std::string without_tasks(std::string_view capabilities) {
  const std::string left = json::without_member(capabilities, "tasks");
  if (!declares_tasks_extension(left)) return left;
  return json::with_member(left, "extensions",
                           json::without_member(*json::member(left, "extensions"), tasks_extension));
}

}  // namespace clickflow::mcp
