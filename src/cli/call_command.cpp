#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"

namespace clickflow::cli {
namespace {

using Json = nlohmann::ordered_json;

// `count=3` is a number and `keyword=news` a string; quotes make a string of anything: `keyword="3"`.
Json value_of(const std::string& text) {
  auto parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(text) : parsed;
}

Result<Json> arguments_of(const CallArguments& given) {
  Json arguments = Json::object();
  if (!given.json.empty()) {
    arguments = Json::parse(given.json, nullptr, false);
    if (!arguments.is_object()) {
      return fail(ErrorCode::invalid_input, "The arguments are not a JSON object.",
                  "Write them as '{\"keyword\": \"news\"}', or use --arg keyword=news.");
    }
  }
  for (const auto& pair : given.pairs) {
    const size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::invalid_input, "--arg " + pair + " has no name and value.",
                  "Write it as --arg name=value.");
    }
    arguments[pair.substr(0, equals)] = value_of(pair.substr(equals + 1));
  }
  return arguments;
}

void show_progress(const mcp::Message& notification) {
  if (notification.method() != "notifications/progress") return;
  const Json params = Json::parse(notification.params(), nullptr, false);
  const double progress = params.value("progress", 0.0);
  const double total = params.value("total", 0.0);
  const std::string message = printable(params.value("message", ""));
  const std::string share = total > 0 ? std::to_string(std::lround(100 * progress / total)) + " %"
                                      : std::to_string(std::lround(progress));
  std::fprintf(stderr, "%6s  %s\n", share.c_str(), message.c_str());
}

void print_content(const Json& result) {
  for (const auto& block : result.value("content", Json::array())) {
    if (block.value("type", "") == "text") {
      print(printable(block.value("text", "")));
    } else {
      print(block.dump());
    }
  }
}

}  // namespace

int call(const Settings& settings, const CallArguments& given) {
  const auto arguments = arguments_of(given);
  if (!arguments) {
    print_error(arguments.error());
    return Exit::failure;
  }
  Connection connection(settings);
  LocalHost host(connection.remote(), settings.bridge);
  const Json params{{"name", given.tool}, {"arguments", *arguments}, {"_meta", {{"progressToken", 1}}}};
  auto answer = host.initialize();
  if (answer)
    answer = host.request("tools/call", params.dump(-1, ' ', false, Json::error_handler_t::replace),
                          show_progress);
  if (!answer) {
    print_error(answer.error());
    return Exit::failure;
  }
  const Json result = Json::parse(*answer, nullptr, false);
  if (given.as_json) {
    print(result.dump(2));
  } else {
    print_content(result);
  }
  return result.value("isError", false) ? Exit::tool_error : Exit::success;
}

}  // namespace clickflow::cli
