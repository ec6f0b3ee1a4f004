#include "clickflow/cli/local_host.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/mcp/json.h"
#include "support/messages.h"
#include "support/scripted_remote.h"

using namespace clickflow;
using namespace clickflow::testing;
using cli::LocalHost;

TEST_CASE("A command greets the server as an assistant does") {
  ScriptedRemote remote;
  remote.answer("initialize", R"({"protocolVersion":"2025-11-25","serverInfo":{"name":"x"}})");
  {
    LocalHost host(remote, {});
    CHECK(host.initialize() == R"({"protocolVersion":"2025-11-25","serverInfo":{"name":"x"}})");
    CHECK(remote.wait_for_count("notifications/initialized", 1));
  }
  const auto greeting = message(remote.sent().at(0));
  CHECK(greeting.param("protocolVersion") == "\"2025-11-25\"");
  CHECK(greeting.param("capabilities") == "{}");
  CHECK(remote.sent().back() == "close");
}

TEST_CASE("A request gives its result, and what the server says meanwhile is told") {
  ScriptedRemote remote;
  remote.on("tools/call",
            [](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
              receiver.on_message(notification("notifications/progress", "{\"progress\":1}"));
              receiver.on_message(response_to(said, "{\"x\":1.0}"));
              return {};
            });
  LocalHost host(remote, {});
  std::vector<std::string> notes;
  CHECK(host.request("tools/call", R"({"name":"a.b"})",
                     [&](const mcp::Message& note) { notes.push_back(note.method()); }) == "{\"x\":1.0}");
  CHECK(notes == std::vector<std::string>{"notifications/progress"});
}

TEST_CASE("A request of the server's is refused, since no capability was declared, and the call goes on") {
  ScriptedRemote remote;
  remote.on("tools/call",
            [&](const mcp::Message& said, remote::Receiver& receiver,
                const auth::Occasion& occasion) -> Result<void> {
              receiver.on_message(request("\"s-1\"", "roots/list"));
              while (remote.count("") == 0 && occasion.cancellation.sleep(1)) continue;
              receiver.on_message(response_to(said));
              return {};
            });
  LocalHost host(remote, {});
  CHECK(host.request("tools/call", R"({"name":"a.b"})") == "{}");
  const auto refusal = message(remote.sent().back());
  CHECK(refusal.id() == "\"s-1\"");
  CHECK(mcp::json::member(refusal.error(), "code") == "-32601");
}

TEST_CASE("An error comes with the words that an assistant would get") {
  ScriptedRemote remote;
  remote.on(
      "prompts/list",
      [](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        receiver.on_message(message(mcp::make_error(said.id(), mcp::method_not_found, "No prompts here.")));
        return {};
      });
  remote.on("resources/list",
            [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
              return fail(ErrorCode::unreachable, "No way there.", "Look at the network.");
            });
  LocalHost host(remote, {});
  CHECK(host.request("prompts/list", "{}").error().message() == "No prompts here.");
  CHECK(host.request("resources/list", "{}").error().message() == "No way there. Look at the network.");
}
