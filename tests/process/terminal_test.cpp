#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "process/support/raw_server.h"
#include "process/support/terminal.h"

using namespace clickflow::testing;

TEST_CASE("Run by hand, the program says in three lines what it is and what to do, and ends") {
  const TerminalOutcome outcome = run_on_terminal({});
  CHECK(outcome.exit == Exit{});
  CHECK(std::count(outcome.screen.begin(), outcome.screen.end(), '\n') == 3);
  CHECK(outcome.screen.starts_with("This is clickflow-mcp"));
  CHECK(outcome.screen.find("clickflow-mcp --help") != std::string::npos);
}

TEST_CASE("On a terminal the list of tools is as wide as the terminal") {
  RawServer server;
  server.on("tools/list", [](Exchange& exchange) {
    exchange.result(R"({"tools":[{"name":"work","description":")" + std::string(200, 'x') + "\"}]}");
  });
  const TerminalOutcome outcome = run_on_terminal({"--url", server.url(), "tools"}, {}, 60);
  CHECK(outcome.exit == Exit{});
  // One character of them takes three bytes.
  CHECK(outcome.screen == "work  " + std::string(53, 'x') + "…\n");
}

TEST_CASE("On a terminal `status` says everything, however long it is") {
  const TerminalOutcome outcome = run_on_terminal({"--url", "http://127.0.0.1:1/mcp", "status"}, {}, 60);
  CHECK(outcome.screen.find("can't be reached") != std::string::npos);
  CHECK(outcome.screen.find("…") == std::string::npos);
}
