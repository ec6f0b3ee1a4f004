#include "demo_parts.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "clickflow/base/file.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder()
    : path_(fs::temp_directory_path() / ("clickflow-demo-" + random_text(10))) {
  fs::create_directory(path_);
  fs::permissions(path_, fs::perms::owner_all);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

tl::unexpected<Error> wrong(std::string what) {
  return fail(ErrorCode::protocol, std::move(what),
              "This is a defect: the step should have come out otherwise.");
}

Result<void> greet(DemoConsole& console, Assistant& assistant) {
  console.says("initialize");
  const auto result = assistant.request(
      "initialize", {{"protocolVersion", "2025-11-25"},
                     {"capabilities", Json::object()},
                     {"clientInfo", {{"name", "clickflow-demo"}, {"version", CLICKFLOW_VERSION}}}});
  if (!result) return tl::make_unexpected(result.error());
  const Json server = member(*result, "serverInfo");
  const Json version = member(*result, "protocolVersion");
  if (!member(server, "name").is_string() || !version.is_string())
    return wrong("The server did not introduce itself.");
  console.hears(fmt::format("{} {}, MCP {}", server.at("name").get<std::string>(),
                            server.value("version", ""), version.get<std::string>()));
  return assistant.notify("notifications/initialized");
}

Result<std::set<std::string>> tool_names(DemoConsole& console, Assistant& assistant) {
  console.says("tools/list");
  const auto result = assistant.request("tools/list", Json::object());
  if (!result) return tl::make_unexpected(result.error());
  std::set<std::string> names;
  for (const auto& tool : member(*result, "tools")) {
    names.insert(tool.value("name", ""));
    console.hears(fmt::format("{:30} {}", tool.value("name", ""), tool.value("title", "")));
  }
  return names;
}

Result<ToolReply> use_tool(DemoConsole& console, Assistant& assistant, const std::string& tool,
                           const Json& arguments, const Assistant::OnNotification& on_notification) {
  console.says(fmt::format("{} {}", tool, to_text(arguments)));
  const auto result =
      assistant.request("tools/call", {{"name", tool}, {"arguments", arguments}}, on_notification);
  if (!result) return tl::make_unexpected(result.error());
  ToolReply reply;
  reply.is_error = member(*result, "isError") == true;
  const Json content = member(*result, "content");
  if (!content.is_array() || content.empty()) return wrong(tool + " answered without content.");
  reply.text = content.at(0).value("text", "");
  reply.json = parse_json(reply.text);
  if (reply.is_error) {
    console.hears_error(reply.text);
  } else {
    console.hears(reply.text);
  }
  return reply;
}

fs::path bridge_of(const DemoOptions& options) {
  return options.bridge.empty() ? program_beside(options.program, "clickflow-mcp")
                                : fs::absolute(options.bridge);
}

std::map<std::string, std::string> environment_in(const fs::path& folder) {
  std::map<std::string, std::string> environment;
  for (const char* kind : {"CACHE", "CONFIG", "DATA", "STATE"}) {
    environment[fmt::format("XDG_{}_HOME", kind)] = (folder / "home" / kind).string();
  }
  return environment;
}

fs::path bridge_log_in(const fs::path& folder) {
  return folder / "clickflow-mcp.log";
}

int conclude(DemoConsole& console, const Result<void>& outcome, const fs::path& folder,
             std::chrono::steady_clock::time_point begun) {
  if (!outcome) {
    console.failure(outcome.error().message());
    if (outcome.error().code == ErrorCode::cancelled) return 1;
    if (const auto text = read_file(bridge_log_in(folder)); text && !text->empty()) {
      console.note("What clickflow-mcp logged last:");
      console.note(text->substr(text->size() - std::min<size_t>(text->size(), 2000)));
    }
    return 1;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  console.success(fmt::format("Everything came out as it should, in {:.1f} s.", taken.count()));
  return 0;
}

}  // namespace clickflow::sandbox
