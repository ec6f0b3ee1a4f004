#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "clickflow/base/json.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"
#include "members.h"

namespace clickflow::cli {
namespace {

// `count=3` is a number and `keyword=news` a string; quotes make a string of anything: `keyword="3"`.
Json value_of(const std::string& text) {
  auto parsed = parse_json(text);
  return parsed.is_discarded() ? Json(text) : parsed;
}

Result<Json> arguments_of(const CallArguments& given) {
  Json arguments = Json::object();
  if (!given.json.empty()) {
    arguments = parse_json(given.json);
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
  const Json params = parse_json(notification.params());
  const double progress = number_in(params, "progress");
  const double total = number_in(params, "total");
  const std::string message = printable(text_in(params, "message"));
  const std::string share = total > 0 ? std::to_string(std::lround(100 * progress / total)) + " %"
                                      : std::to_string(std::lround(progress));
  std::fprintf(stderr, "%6s  %s\n", share.c_str(), message.c_str());
}

void print_content(const Json& result) {
  for (const auto& block : result.value("content", Json::array())) {
    if (text_in(block, "type") == "text" && block.value("text", Json()).is_string()) {
      print(printable(text_in(block, "text")));
    } else {
      print(to_text(block));
    }
  }
}

// A server's own words for what is wrong with a call seldom say where to look.
Error explained(Error error) {
  if (error.code != ErrorCode::invalid_input) return error;
  if (!error.what.ends_with('.')) error.what += '.';
  error.remedy = "`clickflow-mcp tools` lists the tools, with --json also what each of them takes.";
  return error;
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
  if (answer) answer = host.request("tools/call", to_text(params), show_progress).map_error(explained);
  if (!answer) {
    print_error(answer.error());
    return Exit::failure;
  }
  const Json result = parse_json(*answer);
  if (given.as_json) {
    print(to_readable_text(result));
  } else {
    print_content(result);
  }
  return host.end(result.value("isError", Json()) == true ? Exit::tool_error : Exit::success);
}

}  // namespace clickflow::cli
