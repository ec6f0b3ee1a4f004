#include "clickflow/remote/host_state.h"

#include <catch2/catch_test_macros.hpp>

using clickflow::mcp::Message;
using clickflow::remote::HostState;

namespace {

Message request(const std::string& method, const std::string& params) {
  return *Message::parse(R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"(","params":)" + params + "}");
}

}  // namespace

TEST_CASE("What the host has set in a session is set again under ids of our own") {
  HostState state;
  state.note(request("resources/subscribe", R"({"uri":"a://1"})"));
  state.note(request("resources/subscribe", R"({"uri":"a://2"})"));
  state.note(request("logging/setLevel", R"({"level":"debug"})"));
  state.note(request("logging/setLevel", R"({"level":"error"})"));
  state.note(request("resources/unsubscribe", R"({"uri":"a://1"})"));
  state.note(request("tools/call", R"({"name":"x"})"));

  const auto requests = state.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method() == "logging/setLevel");
  CHECK(requests[0].params() == R"({"level":"error"})");
  CHECK(requests[1].method() == "resources/subscribe");
  CHECK(requests[1].params() == R"({"uri":"a://2"})");
  CHECK(requests[0].id() != requests[1].id());
  CHECK(requests[0].id().starts_with("\"clickflow-mcp/"));
}

TEST_CASE("The host's handshake is kept as it was said, and a new one begins anew") {
  HostState state;
  CHECK_FALSE(state.initialize());
  const auto first = request("initialize", R"({ "protocolVersion" : "2025-11-25" })");
  const auto initialized = *Message::parse(R"({"jsonrpc":"2.0", "method":"notifications/initialized"})");
  state.note(first);
  state.note(initialized);
  state.note(request("resources/subscribe", R"({"uri":"a://1"})"));
  CHECK(state.initialize()->text() == first.text());
  CHECK(state.initialized()->text() == initialized.text());

  const auto second = request("initialize", R"({"protocolVersion":"2025-06-18"})");
  state.note(second);
  CHECK(state.initialize()->text() == second.text());
  CHECK_FALSE(state.initialized());
  CHECK(state.requests().empty());
}
