#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "process/support/json.h"
#include "process/support/program.h"
#include "process/support/raw_server.h"

namespace clickflow::testing {

using Lines = std::vector<std::string>;

/// An assistant that has started `clickflow-mcp` for that server. It throws, which fails the test, when a
/// line is no JSON object, and when what it waits for doesn't come.
class Host {
 public:
  /// With `--tool-names original`, so that no call makes the program list the tools first. What `more` says
  /// wins over that and over the server's URL.
  explicit Host(const RawServer& server, const Arguments& more = {}, const Environment& environment = {});

  Program program;

  /// The handshake, up to the server's having got `notifications/initialized`. Its id is "init".
  void initialize(std::string_view version = "2025-11-25");

  void send(std::string_view line) { program.send(line); }
  /// `id` and `params` are JSON.
  void request(std::string_view id, std::string_view method, std::string_view params = "{}");
  void call(std::string_view id, std::string_view tool = "work") {
    request(id, "tools/call", R"({"name":")" + std::string(tool) + R"(","arguments":{}})");
  }
  void notify(std::string_view method, std::string_view params = "{}");
  void cancel(std::string_view id) {
    notify("notifications/cancelled", R"({"requestId":)" + std::string(id) + "}");
  }
  /// Sends a ping and waits for its answer, which must be the next line: nothing else is said.
  void check_quiet();

  /// The next line that was not taken yet, of whatever kind.
  std::string next();
  /// The response under that id (JSON), wherever it comes; the lines before it stay to be taken.
  std::string answer(std::string_view id);
  /// Lines that were read and not taken.
  const std::deque<std::string>& waiting() const { return waiting_; }

  /// Closes stdin and waits for the end, with status 0. Everything that was not taken, to the last byte: a
  /// test that ends with `CHECK(host.finish() == Lines{})` has seen that nothing else came.
  Lines finish();

 private:
  std::string read();

  const RawServer& server_;
  std::deque<std::string> waiting_;
  int pings_ = 0;
};

}  // namespace clickflow::testing
