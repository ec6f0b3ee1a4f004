#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// An MCP host as Claude Desktop and Cursor are: it launches a server program and talks to it over pipes, a
/// line for each message. One thread. No wait takes longer than 15 s.
class Assistant {
 public:
  struct Launch {
    std::filesystem::path program;
    /// Beside what this process has, less its CLICKFLOW_* variables. A credential goes here, never into
    /// arguments.
    std::map<std::string, std::string> environment;
    std::filesystem::path log;  ///< takes the program's stderr
    Cancellation cancellation;  ///< ends each wait, and none begins after it
  };

  /// `system` where it can't be started.
  static Result<std::unique_ptr<Assistant>> launch(const Launch& launch);
  /// Ends the program, with force if it does not go by itself.
  ~Assistant();

  using OnNotification = std::function<void(const Json& notification)>;

  /// The `result`. Fails with `rejected` and the server's words where the answer is an error, `timed_out`
  /// without an answer, `cancelled`, `lost` where the program has ended, `protocol` where a line is no
  /// message.
  Result<Json> request(const std::string& method, const Json& params,
                       const OnNotification& on_notification = {});
  Result<void> notify(const std::string& method);

  /// Closes stdin, which is how a host says goodbye, and waits for the program to end with status 0.
  Result<void> close();

 private:
  struct Process;
  Assistant(std::unique_ptr<Process> process, Cancellation cancellation);
  Result<void> send(const Json& message);
  Result<Json> receive(std::chrono::steady_clock::time_point deadline);

  const std::unique_ptr<Process> process_;
  const Cancellation cancellation_;
  int last_id_ = 0;
};

/// Runs a program that needs no input to its end. `rejected` where that is not status 0, `timed_out` after
/// 15 s, `cancelled`.
Result<void> run_to_end(const Assistant::Launch& launch, const std::vector<std::string>& arguments);

/// The program `name` in the folder of the program that was called as `called` (argv[0]).
std::filesystem::path program_beside(const std::filesystem::path& called, const std::string& name);

}  // namespace clickflow::sandbox
