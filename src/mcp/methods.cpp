#include "clickflow/mcp/methods.h"

#include <algorithm>
#include <array>

namespace clickflow::mcp {

bool may_repeat(std::string_view method) {
  constexpr std::array<std::string_view, 15> methods{"completion/complete",
                                                     "initialize",
                                                     "logging/setLevel",
                                                     "ping",
                                                     "prompts/get",
                                                     "prompts/list",
                                                     "resources/list",
                                                     "resources/read",
                                                     "resources/subscribe",
                                                     "resources/templates/list",
                                                     "resources/unsubscribe",
                                                     "server/discover",
                                                     "tasks/get",
                                                     "tasks/list",
                                                     "tools/list"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool is_harmless(std::string_view method) {
  return method == "subscriptions/listen" || may_repeat(method);
}

}  // namespace clickflow::mcp
