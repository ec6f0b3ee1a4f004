#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "assistant.h"
#include "clickflow/base/error.h"
#include "clickflow/sandbox/commands.h"
#include "demo_console.h"

/// What the demos share: an assistant's turns, shown and checked.
namespace clickflow::sandbox {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

/// A step came out otherwise than it says.
tl::unexpected<Error> wrong(std::string what);

struct ToolReply {
  bool is_error = false;
  std::string text;
  Json json;  ///< null where the text is none
};

Result<void> greet(DemoConsole& console, Assistant& assistant);
Result<std::set<std::string>> tool_names(DemoConsole& console, Assistant& assistant);
Result<ToolReply> use_tool(DemoConsole& console, Assistant& assistant, const std::string& tool,
                           const Json& arguments, const Assistant::OnNotification& on_notification = {});

/// clickflow-mcp, as the options have it.
std::filesystem::path bridge_of(const DemoOptions& options);
/// Where it keeps nothing of the person's own.
std::map<std::string, std::string> environment_in(const std::filesystem::path& folder);
std::filesystem::path bridge_log_in(const std::filesystem::path& folder);

/// The last words, and the exit status.
int conclude(DemoConsole& console, const Result<void>& outcome, const std::filesystem::path& folder,
             std::chrono::steady_clock::time_point begun);

/// The demo of signing in.
int oauth_demo(const DemoOptions& options);

}  // namespace clickflow::sandbox
