#include "clickflow/bridge/greeter.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "support/waiting.h"

using namespace clickflow;
using bridge::Greeter;
using mcp::Message;
using Json = nlohmann::json;

namespace {

Message message(const std::string& text) {
  return *Message::parse(text);
}

const auto initialize = message(
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
const auto initialized = message(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
const auto list = message(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})");
const auto call = message(R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"work"}})");
const auto sign_in =
    message(R"({"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"clickflow_sign_in"}})");

// Fails with `problem` until that is taken away, and says what it was sent.
class FakeRemote : public remote::Remote {
 public:
  Result<void> send(const Message& sent, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override {
    std::lock_guard lock(mutex);
    const bool let_in = greets_anybody && sent.method() != "tools/list";
    if (problem && !let_in && !(occasion.interactive && signs_in_when_asked))
      return tl::make_unexpected(*problem);
    if (!let_in) problem.reset();
    methods.push_back(sent.method());
    texts.push_back(sent.text());
    if (acknowledges)
      receiver.on_message(
          message(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged"})"));
    if (sent.is_request()) receiver.on_message(message(mcp::make_result(sent.id(), R"({"from":"server"})")));
    return {};
  }
  void listen(remote::Receiver&, const Cancellation&) override { listened = true; }
  void close(std::chrono::milliseconds) override {}

  std::mutex mutex;
  std::optional<Error> problem;
  bool signs_in_when_asked = false;
  bool greets_anybody = false;  // and asks who one is at its list of tools
  bool acknowledges = false;
  std::vector<std::string> methods;
  std::vector<std::string> texts;
  std::atomic<bool> listened = false;
};

struct Inbox : remote::Receiver {
  void on_message(Message received) override { all.push_back(Json::parse(received.text())); }
  std::vector<Json> all;
};

Json answer(Greeter& greeter, const Message& request, bool interactive = false) {
  Inbox inbox;
  const auto sent = greeter.send(request, inbox, {Cancellation(), interactive});
  if (!sent) return sent.error().what;
  REQUIRE(inbox.all.size() == 1);
  CHECK(inbox.all[0]["id"].dump() == request.id());
  return inbox.all[0]["result"];
}

const Error signed_out{ErrorCode::unauthenticated, "Signed out.", ""};

}  // namespace

TEST_CASE("A server that answers the handshake is not stood in for") {
  FakeRemote remote;
  Greeter greeter(remote, {true, {}});
  CHECK(answer(greeter, initialize)["from"] == "server");
  CHECK(answer(greeter, list)["from"] == "server");
  CHECK(remote.methods == std::vector<std::string>{"initialize", "tools/list"});
}

TEST_CASE("Signed out, the host is greeted in its own revision and shown a tool that signs in") {
  FakeRemote remote;
  remote.problem = signed_out;
  Greeter greeter(remote, {true, {}});
  const auto greeting = answer(greeter, initialize);
  CHECK(greeting["protocolVersion"] == "2025-06-18");
  CHECK(greeting["capabilities"] == Json::parse(R"({"tools":{"listChanged":true}})"));
  const auto tools = answer(greeter, list)["tools"];
  REQUIRE(tools.size() == 1);
  CHECK(tools[0]["name"] == bridge::sign_in_tool);
  CHECK(answer(greeter, call) == "Signed out.");
  CHECK(remote.methods.empty());
}

TEST_CASE("The call that signs in makes up for the handshake first, in its order") {
  FakeRemote remote;
  remote.problem = signed_out;
  remote.signs_in_when_asked = true;
  Greeter greeter(remote, {true, {}});
  answer(greeter, initialize);
  Inbox none;
  REQUIRE(greeter.send(initialized, none, {}));
  CHECK(none.all.empty());
  const bool by_its_own_tool = GENERATE(true, false);
  const auto result = answer(greeter, by_its_own_tool ? sign_in : call, true);
  CHECK(result.contains("from") == !by_its_own_tool);
  std::vector<std::string> expected{"initialize", "notifications/initialized"};
  // The list shows that the sign-in is good for something.
  expected.emplace_back(by_its_own_tool ? "tools/list" : "tools/call");
  CHECK(remote.methods == expected);
}

TEST_CASE("A server that can't be reached is made up for as soon as it can") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unreachable, "Gone.", ""};
  Greeter greeter(remote, {true, {}});
  CHECK(answer(greeter, initialize).contains("serverInfo"));
  CHECK(answer(greeter, list) == "Gone.");
  remote.problem.reset();
  CHECK(answer(greeter, list)["from"] == "server");
  CHECK(remote.methods == std::vector<std::string>{"initialize", "tools/list"});
}

TEST_CASE("What will not pass by itself is the host's to know at the handshake") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::rejected, "There is no MCP server.", ""};
  Greeter greeter(remote, {true, {}});
  CHECK(answer(greeter, initialize) == "There is no MCP server.");
}

TEST_CASE("However many calls owe the handshake, it is made once") {
  FakeRemote remote;
  remote.problem = signed_out;
  Greeter greeter(remote, {true, {}});
  answer(greeter, initialize);
  remote.problem.reset();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Inbox inbox;
      greeter.send(call, inbox, {});
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::count(remote.methods.begin(), remote.methods.end(), "initialize") == 1);
  CHECK(remote.methods.front() == "initialize");
  CHECK(std::count(remote.methods.begin(), remote.methods.end(), "tools/call") == 8);
}

TEST_CASE("A server that greets anybody and shows its tools to some is signed in to all the same") {
  FakeRemote remote;
  remote.problem = signed_out;
  remote.greets_anybody = true;
  Greeter greeter(remote, {true, {}});
  CHECK(answer(greeter, initialize)["from"] == "server");
  CHECK(answer(greeter, list)["tools"][0]["name"] == bridge::sign_in_tool);
  CHECK(answer(greeter, sign_in, true) == "Signed out.");
  remote.signs_in_when_asked = true;
  CHECK(answer(greeter, sign_in, true).contains("content"));
  CHECK(answer(greeter, list)["from"] == "server");
}

TEST_CASE("With an API key, a refused list of tools is told as it is") {
  FakeRemote remote;
  remote.problem = signed_out;
  remote.greets_anybody = true;
  Greeter greeter(remote, {false, {}});
  answer(greeter, initialize);
  CHECK(answer(greeter, list) == "Signed out.");
}

TEST_CASE("The host hears that the tools have changed once somebody has signed in elsewhere") {
  FakeRemote remote;
  remote.problem = signed_out;
  remote.greets_anybody = GENERATE(true, false);
  std::atomic<bool> signed_in = false;
  Greeter greeter(remote, {true, [&] { return signed_in.load(); }});
  answer(greeter, initialize);
  answer(greeter, list);
  struct : remote::Receiver {
    void on_message(Message received) override {
      CHECK(received.method() == "notifications/tools/list_changed");
      ++changes;
    }
    std::atomic<int> changes = 0;
  } host;
  const Cancellation ending;
  std::thread listener([&] { greeter.listen(host, ending); });
  {
    std::lock_guard lock(remote.mutex);
    remote.problem.reset();
  }
  signed_in = true;
  CHECK(clickflow::testing::eventually([&] { return host.changes == 1 && remote.listened; }));
  ending.cancel();
  listener.join();
  CHECK(host.changes == 1);
}

namespace {

const std::string modern =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

Message modern_request(const std::string& id, const std::string& method, const std::string& more = {}) {
  return message(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + modern +
                 more + "}}");
}

}  // namespace

TEST_CASE("A list that a call needs is not answered with the tool that signs in") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unauthenticated, "You said no.", "Sign in."};
  Greeter greeter(remote, {true, {}});
  Inbox inbox;
  const auto sent = greeter.send(list, inbox, {{}, true});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().what == "You said no.");
  CHECK(inbox.all.empty());
}

TEST_CASE("A modern host is greeted from here while nobody is signed in, and owes nothing") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unauthenticated, "Who?", "Sign in."};
  Greeter greeter(remote, {true, {}});
  Inbox inbox;
  REQUIRE(greeter.send(modern_request("1", "server/discover"), inbox, {}));
  const auto discovered = inbox.all.at(0)["result"];
  CHECK(discovered["resultType"] == "complete");
  CHECK(discovered["supportedVersions"] == Json({"2026-07-28"}));
  CHECK(discovered["capabilities"]["tools"]["listChanged"] == true);
  CHECK(discovered["ttlMs"] == 0);
  REQUIRE(greeter.send(modern_request("2", "tools/list"), inbox, {}));
  const auto tools = inbox.all.at(1)["result"];
  CHECK(tools["tools"][0]["name"] == "clickflow_sign_in");
  CHECK(tools["ttlMs"] == 0);
  CHECK(tools["cacheScope"] == "private");
  remote.problem.reset();
  REQUIRE(greeter.send(modern_request("3", "tools/list"), inbox, {}));
  CHECK(remote.methods == std::vector<std::string>{"tools/list"});
}

TEST_CASE("A modern host's sign-in is asked for in its manner") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unauthenticated, "Who?", "Sign in."};
  remote.signs_in_when_asked = true;
  Greeter greeter(remote, {true, {}});
  Inbox inbox;
  REQUIRE(
      greeter.send(modern_request("4", "tools/call", R"(,"name":"clickflow_sign_in")"), inbox, {{}, true}));
  CHECK(inbox.all.at(0)["result"]["content"][0]["text"].get<std::string>().starts_with("Signed in"));
  REQUIRE(remote.texts.size() == 1);
  CHECK(Json::parse(remote.texts[0])["params"].contains("_meta"));
}

TEST_CASE("A subscription begins while nobody is signed in, and goes on with the server") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unauthenticated, "Who?", "Sign in."};
  std::atomic<bool> signed_in = false;
  Greeter greeter(remote, {true, [&] { return signed_in.load(); }});
  struct : remote::Receiver {
    void on_message(Message received) override {
      std::lock_guard lock(mutex);
      all.push_back(Json::parse(received.text()));
    }
    size_t size() {
      std::lock_guard lock(mutex);
      return all.size();
    }
    std::mutex mutex;
    std::vector<Json> all;
  } host;
  remote.acknowledges = true;
  std::thread subscriber([&] {
    CHECK(greeter.send(
        modern_request("9", "subscriptions/listen",
                       R"(,"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:b"]})"),
        host, {}));
  });
  CHECK(testing::eventually([&] { return host.size() == 1; }));
  {
    std::lock_guard lock(remote.mutex);
    remote.problem.reset();
  }
  signed_in = true;
  subscriber.join();
  REQUIRE(host.all.size() == 3);
  CHECK(host.all[0]["method"] == "notifications/subscriptions/acknowledged");
  CHECK(host.all[0]["params"]["notifications"] == Json({{"toolsListChanged", true}}));
  CHECK(host.all[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 9);
  CHECK(host.all[1]["method"] == "notifications/tools/list_changed");
  CHECK(host.all[1]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 9);
  CHECK(host.all[2]["id"] == 9);
}

TEST_CASE("A subscription that waits ends with its cancellation, and one that is refused at once") {
  FakeRemote remote;
  remote.problem = Error{ErrorCode::unreachable, "Away.", "Wait."};
  Greeter greeter(remote, {true, {}});
  Inbox inbox;
  const Cancellation cancellation;
  std::thread cancel([&] { cancellation.cancel(); });
  const auto sent = greeter.send(modern_request("9", "subscriptions/listen"), inbox, {cancellation, false});
  cancel.join();
  CHECK(sent.error().code == ErrorCode::cancelled);

  remote.problem = Error{ErrorCode::rejected, "No.", "Ask."};
  Inbox nothing;
  CHECK(greeter.send(modern_request("9", "subscriptions/listen"), nothing, {}).error().code ==
        ErrorCode::rejected);
  CHECK(nothing.all.empty());
}
