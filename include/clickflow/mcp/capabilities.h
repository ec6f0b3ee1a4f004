#pragma once

#include <array>
#include <string>
#include <string_view>

/// What hosts and servers declare of themselves, as far as the eras differ in it. All JSON.
namespace clickflow::mcp {

/// Tasks, which 2025-11-25 has in its core and 2026-07-28 as an extension of another form.
bool declares_tasks_extension(std::string_view capabilities);
/// Without either form of them: nobody carries one into the other.
std::string without_tasks(std::string_view capabilities);

/// The lists whose changes a server tells, where its capability for the feature says `listChanged`.
struct ListChange {
  std::string_view feature;  ///< the member of a server's capabilities
  std::string_view entry;    ///< of a subscription's filter (2026-07-28, "Subscriptions")
  std::string_view method;   ///< of the notification
};
constexpr std::array<ListChange, 3> list_changes{
    {{"tools", "toolsListChanged", "notifications/tools/list_changed"},
     {"prompts", "promptsListChanged", "notifications/prompts/list_changed"},
     {"resources", "resourcesListChanged", "notifications/resources/list_changed"}}};

}  // namespace clickflow::mcp
