#include <nlohmann/json.hpp>

#include "clickflow/base/json.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"
#include "members.h"

namespace clickflow::cli {
namespace {

std::string first_sentence(const std::string& text) {
  const size_t line = std::min(text.find('\n'), text.size());
  const size_t sentence = text.find(". ");
  return text.substr(0, std::min(line, sentence == std::string::npos ? line : sentence + 1));
}

Result<Json> list_tools(LocalHost& host) {
  Json tools = Json::array();
  std::string params = "{}";
  for (;;) {
    const auto answer = host.request("tools/list", params);
    if (!answer) return tl::make_unexpected(answer.error());
    const Json page = parse_json(*answer);
    for (const auto& tool : page.value("tools", Json::array())) tools.push_back(tool);
    const Json cursor = page.value("nextCursor", Json());
    const std::string next = to_text({{"cursor", cursor}});
    if (!cursor.is_string() || next == params) return tools;
    params = next;
  }
}

}  // namespace

int tools(const Settings& settings, bool as_json) {
  Connection connection(settings);
  LocalHost host(connection.remote(), settings.bridge);
  const auto greeted = host.initialize();
  const auto list = greeted ? list_tools(host) : Result<Json>(tl::make_unexpected(greeted.error()));
  if (!list) {
    print_error(list.error());
    return Exit::failure;
  }
  if (as_json) {
    print(to_readable_text(*list));
    return host.end(Exit::success);
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& tool : *list) {
    rows.push_back(
        {printable(text_in(tool, "name")), printable(first_sentence(text_in(tool, "description")))});
  }
  if (rows.empty()) {
    print("There are no tools that you may use.");
  } else {
    print_table(rows, LongLines::cut);
  }
  return host.end(Exit::success);
}

}  // namespace clickflow::cli
