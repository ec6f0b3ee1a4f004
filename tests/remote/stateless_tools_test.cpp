#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

const std::string region = R"({"region":{"type":"string","x-mcp-header":"Region"}})";
const std::string zone = R"({"region":{"type":"string","x-mcp-header":"Zone"}})";

mcp::Message call(const std::string& name = "a") {
  return modern_request("7", "tools/call", R"(,"name":")" + name + R"(","arguments":{"region":"us-west1"})");
}

// A server whose lists are played one after another, the last of them for ever, and which takes a call where
// it has the header that is wanted.
struct ToolServer {
  explicit ToolServer(StatelessRig& rig, std::vector<std::string> the_lists) : lists(std::move(the_lists)) {
    rig.on_request = [this](const http::Request& request, const mcp::Message& said, const Cancellation&) {
      if (said.method() == "tools/list") {
        const auto& list = lists[std::min(listed++, lists.size() - 1)];
        if (list.empty()) return Played::nothing(503);
        return Played::json(mcp::make_result(said.id(), list));
      }
      ++calls;
      if (header(request, wanted) == "us-west1") return Played::json(mcp::make_result(said.id(), "[1]"));
      return Played{400,
                    {{"Content-Type", "application/json"}},
                    {mcp::make_error(said.id(), mcp::header_mismatch, "Header mismatch")},
                    {}};
    };
  }
  std::vector<std::string> lists;
  std::string wanted = "Mcp-Param-Region";
  size_t listed = 0;
  int calls = 0;
};

const std::string taken = mcp::make_result("7", "[1]");
const std::string mismatch = mcp::make_error("7", mcp::header_mismatch, "Header mismatch");

}  // namespace

TEST_CASE("A call carries what its tool wants in headers, as the host's own list has shown it") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("a", region))});
  CHECK(rig.ask(modern_request("1", "tools/list")));
  CHECK(rig.ask(call()) == taken);
  CHECK(rig.methods() == std::vector<std::string>{"tools/list", "tools/call"});
  CHECK(header(rig.http.requests()[1], "Mcp-Name") == "a");
}

TEST_CASE("A call of a tool that no list has shown is preceded by a list of our own, of all pages") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("b"), "p\\\"2"), tool_list(tool("a", region))});
  CHECK(rig.ask(call()) == taken);
  const auto requests = rig.http.requests();
  REQUIRE(rig.methods() == std::vector<std::string>{"tools/list", "tools/list", "tools/call"});
  const auto first = message(requests[0].body), second = message(requests[1].body);
  CHECK(first.params() == R"({"_meta":)" + modern_meta + "}");
  CHECK(second.params() == R"({"cursor":"p\"2","_meta":)" + modern_meta + "}");
  CHECK(first.id() != second.id());
  CHECK(first.id().starts_with("\"clickflow-mcp/"));
  CHECK(header(requests[0], "MCP-Protocol-Version") == "2026-07-28");
  CHECK(header(requests[0], "Mcp-Method") == "tools/list");

  CHECK(rig.ask(call()) == taken);
  CHECK(rig.http.requests().size() == 4);
}

TEST_CASE("A call says nothing of its progress token or log level in the list that precedes it") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("a", region))});
  const auto with_token =
      request("7", "tools/call",
              R"({"name":"a","arguments":{"region":"us-west1"},"_meta":{"progressToken":1,)"
              R"("io.modelcontextprotocol/logLevel":"debug",)"
              R"("io.modelcontextprotocol/protocolVersion":"2026-07-28"}})");
  CHECK(rig.ask(with_token) == taken);
  CHECK(message(rig.http.requests()[0].body).params() ==
        R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})");
}

TEST_CASE("A list of our own comes to an end, wherever its cursors lead") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list("", "p1"), tool_list("", "p2"), tool_list(tool("a", region), "p2")});
  CHECK(rig.ask(call()) == taken);
  CHECK(server.listed == 3);

  StatelessRig other;
  int pages = 0;
  other.on_request = [&](const auto&, const mcp::Message& said, const auto&) {
    const bool lists = said.method() == "tools/list";
    return Played::json(
        mcp::make_result(said.id(), lists ? tool_list("", "p" + std::to_string(++pages)) : "[1]"));
  };
  CHECK(other.ask(call()) == taken);
  CHECK(pages == 200);
}

TEST_CASE("A call whose tool could not be looked up, since nothing gets through, is not sent") {
  StatelessRig rig;
  ToolServer server(rig, {""});
  const auto answer = rig.ask(call());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::busy);
  CHECK(server.calls == 0);
}

TEST_CASE("A call whose tool could not be looked up, since the answer was lost, says that it was not sent") {
  StatelessRig rig;
  const auto trouble =
      GENERATE(Played::broken(ErrorCode::lost), Played::broken(ErrorCode::timed_out), Played::nothing(500));
  rig.on_request = [&](const auto&, const mcp::Message& said, const auto&) {
    CHECK(said.method() == "tools/list");
    return trouble;
  };
  const auto answer = rig.ask(call());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::unreachable);
  CHECK(answer.error().what.starts_with("The call was not sent"));
}

TEST_CASE("A server that does not say which tools it has is called without") {
  StatelessRig rig;
  rig.on_request = [&](const auto&, const mcp::Message& said, const auto&) {
    if (said.method() == "tools/list")
      return Played::json(mcp::make_error(said.id(), mcp::method_not_found, "no"));
    return Played::json(mcp::make_result(said.id(), "[1]"));
  };
  CHECK(rig.ask(call()) == taken);
}

TEST_CASE("A call whose headers are refused goes out once more after another list") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("a", region)), tool_list(tool("a", zone))});
  server.wanted = "Mcp-Param-Zone";
  CHECK(rig.ask(call()) == taken);
  CHECK(rig.methods() == std::vector<std::string>{"tools/list", "tools/call", "tools/list", "tools/call"});
  CHECK(header(rig.http.requests()[3], "Mcp-Param-Region") == "none");
  CHECK(rig.ask(call()) == taken);
  CHECK(rig.http.requests().size() == 5);
}

TEST_CASE("A call whose headers are refused again hears so, and goes out no third time") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("a"))});
  CHECK(rig.ask(call()) == mismatch);
  CHECK(server.calls == 2);
  CHECK(server.listed == 2);
}

TEST_CASE("A call whose headers are refused hears so where no other list can be had") {
  StatelessRig rig;
  ToolServer server(rig, {tool_list(tool("a")), ""});
  CHECK(rig.ask(call()) == mismatch);
  CHECK(server.calls == 1);
}

TEST_CASE("Only a call goes out again for its headers") {
  StatelessRig rig;
  rig.on_request = [](const auto&, const mcp::Message& said, const auto&) {
    return Played{400, {}, {mcp::make_error(said.id(), mcp::header_mismatch, "m")}, {}};
  };
  CHECK(rig.ask(modern_request("7", "prompts/get", R"(,"name":"a")")) ==
        mcp::make_error("7", mcp::header_mismatch, "m"));
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("The host is not shown a tool whose annotations can't be followed") {
  StatelessRig rig;
  const std::string bad = tool("bad", R"({"a":{"type":"number","x-mcp-header":"A"}})");
  ToolServer server(rig, {tool_list(bad + "," + tool("a", region))});
  CHECK(rig.ask(modern_request("1", "tools/list")) == mcp::make_result("1", tool_list(tool("a", region))));
}

TEST_CASE("Many calls at once learn what their tools want side by side") {
  StatelessRig rig;
  rig.on_request = [](const http::Request& sent, const mcp::Message& said, const Cancellation&) {
    if (said.method() == "tools/list")
      return Played::json(mcp::make_result(said.id(), tool_list(tool("a", region))));
    return Played::json(mcp::make_result(said.id(), "\"" + header(sent, "Mcp-Param-Region") + "\""));
  };
  std::vector<std::thread> threads;
  std::vector<Result<std::string>> answers(8, std::string());
  for (auto& answer : answers) threads.emplace_back([&] { answer = rig.ask(call()); });
  for (auto& thread : threads) thread.join();
  for (const auto& answer : answers) CHECK(answer == mcp::make_result("7", "\"us-west1\""));
}
