#include "clickflow/bridge/reception.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <thread>
#include <vector>

#include "clickflow/bridge/sign_in_offer.h"
#include "support/json.h"
#include "support/reception_rig.h"

using namespace clickflow;
using bridge::Reception;
using clickflow::testing::eventually;
using clickflow::testing::Heard;
using clickflow::testing::notification;
using clickflow::testing::ReceptionRig;
using clickflow::testing::request;
using clickflow::testing::TemporaryFolder;
using Methods = std::vector<std::string>;

namespace {

const Error signed_out{ErrorCode::unauthenticated, "Signed out.", ""};
const Error gone{ErrorCode::unreachable, "Gone.", ""};
const Error busy{ErrorCode::busy, "Busy.", ""};
const Error refused{ErrorCode::rejected, "No MCP server.", ""};
const std::string tools_changed = "notifications/tools/list_changed";

Reception::Settings with_sign_in(std::function<std::string()> credential = {}) {
  Reception::Settings settings;
  settings.can_sign_in = true;
  if (credential) settings.credential = std::move(credential);
  return settings;
}

// What an earlier process has kept.
struct Kept {
  explicit Kept(const std::string& tools = R"({"tools":[{"name":"old"}]})") {
    ReceptionRig before(folder.path());
    before.server.set("tools/list", tools);
    before.greet();
    REQUIRE(before.settled());
  }
  const std::filesystem::path& path() const { return folder.path(); }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("At the very first start the host is told at once what can be kept whatever the server is") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang();
  const auto greeting = rig.initialize("2025-06-18");
  CHECK(greeting["protocolVersion"] == "2025-06-18");
  CHECK(greeting["serverInfo"]["name"] == "clickflow-mcp");
  CHECK(greeting["capabilities"] ==
        parse_json(R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},)"
                   R"("resources":{"listChanged":true,"subscribe":true},"logging":{},"completions":{}})"));
  CHECK(greeting.contains("instructions"));
  CHECK(rig.server.sent().empty());
}

TEST_CASE("A host is greeted in its own revision, or in the newest where nobody knows that") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  for (const std::string known : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
    CHECK(rig.initialize(known)["protocolVersion"] == known);
  CHECK(rig.initialize("2031-01-01")["protocolVersion"] == "2025-11-25");
  CHECK(rig.ask("initialize")["protocolVersion"] == "2025-11-25");
}

TEST_CASE("Where a revision is fixed, the host is greeted in that") {
  const TemporaryFolder folder;
  Reception::Settings settings;
  settings.revision = "2025-03-26";
  ReceptionRig rig(folder.path(), settings);
  CHECK(rig.initialize()["protocolVersion"] == "2025-03-26");
}

TEST_CASE("A host that only looks who is there makes no connection and leaves nothing behind") {
  const TemporaryFolder folder;
  {
    ReceptionRig rig(folder / "catalog", with_sign_in([] {
                       FAIL_CHECK("the keychain was asked");
                       return "";
                     }));
    if (GENERATE(true, false)) {
      CHECK(rig.initialize().contains("serverInfo"));
    } else {
      CHECK(rig.ask("server/discover").contains("supportedVersions"));
    }
    rig.end();
    CHECK(rig.server.sent().empty());
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE(
    "The server's handshake is made behind, with the host's own messages, once the host has ended its own") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  const auto initialize = request("\"i\"", "initialize", R"({ "protocolVersion" : "2025-11-25","x":1.50})");
  const auto initialized =
      clickflow::testing::message(R"({"jsonrpc":"2.0", "method":"notifications/initialized"})");
  CHECK(rig.ask(initialize).contains("serverInfo"));
  CHECK(rig.server.sent().empty());
  Heard none;
  REQUIRE(rig.reception.send(initialized, none, {}));
  CHECK(none.all().empty());
  REQUIRE(rig.settled());
  const auto texts = rig.server.texts();
  REQUIRE(texts.size() >= 2);
  CHECK(texts[0] == initialize.text());
  CHECK(texts[1] == initialized.text());
  CHECK(rig.server.count("initialize") == 1);
}

TEST_CASE("A request before the host has ended its handshake makes the server's by itself") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.initialize();
  CHECK(rig.ask("tools/call", R"({"name":"work"})").contains("content"));
  CHECK(rig.server.sent().front() == "initialize");
  CHECK(rig.server.count("notifications/initialized") == 0);
  rig.initialized();
  CHECK(rig.server.count("notifications/initialized") == 1);
}

TEST_CASE("However many requests need the handshake, it is made once") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang("initialize");
  rig.greet();
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Heard inbox;
      const bool list = i % 2 == 0;
      const auto id = std::to_string(100 + i);
      const bool sent =
          rig.reception.send(request(id, list ? "tools/list" : "tools/call"), inbox, {Cancellation(), !list})
              .has_value();
      if (sent && inbox.all().size() == 1) ++answered;
    });
  }
  CHECK(eventually([&] { return rig.server.count("initialize") == 1; }));
  rig.server.release();
  for (auto& thread : threads) thread.join();
  CHECK(answered == 8);
  CHECK(rig.server.count("initialize") == 1);
  CHECK(rig.server.count("notifications/initialized") == 1);
  CHECK(rig.server.count("tools/call") == 4);
}

TEST_CASE("A server that comes back, or has time again, is found while nobody asks for anything") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.fail_with(GENERATE(gone, busy));
  rig.greet();
  CHECK(eventually([&] { return rig.server.count("initialize") >= 3; }));
  rig.server.fail_with(std::nullopt);
  CHECK(rig.settled());
}

TEST_CASE("A server that refuses the handshake is asked again only by the host's requests, which hear why") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.fail_with(refused);
  rig.greet();
  CHECK(rig.ask("tools/call") == "No MCP server.");
  CHECK(rig.ask("tools/list") == "No MCP server.");
  CHECK(rig.ask("prompts/get") == "No MCP server.");
  const auto attempts = rig.server.count("initialize");
  CHECK(attempts >= 3);
  CHECK(attempts <= 4);  // the three, and the one behind
  rig.server.fail_with(std::nullopt);
  CHECK(rig.ask("tools/call").contains("content"));
}

TEST_CASE("A server that answers the handshake with an error is told in words") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.set("initialize", "");
  rig.greet();
  CHECK(rig.ask("tools/call") == "ClickFlow does not take part: Go away.");
  CHECK(rig.server.count("notifications/initialized") == 0);
}

TEST_CASE("Known lists are shown at once, byte for byte, while the server hangs") {
  const Kept kept(R"({ "tools" :[ {"name":"old","x":1.50} ],"_meta":{} })");
  ReceptionRig rig(kept.path());
  rig.server.hang();
  const auto greeting = rig.initialize();
  CHECK(greeting["serverInfo"]["name"] == "real");
  CHECK(greeting["instructions"] == "Be good.");
  CHECK(greeting["capabilities"] == parse_json(R"({"tools":{"listChanged":true}})"));
  rig.initialized();
  Heard inbox;
  REQUIRE(rig.reception.send(request("1", "tools/list"), inbox, {}));
  CHECK(to_text(rig.ask("tools/list")["tools"][0]["x"]) == "1.5");
  REQUIRE(inbox.all().size() == 1);
  CHECK(rig.server.count("tools/list") == 0);
}

TEST_CASE("Before the host has ended its handshake, known lists cost no connection") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.initialize();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "old");
  rig.end();
  CHECK(rig.server.sent().empty());
}

TEST_CASE("Offline, signed out or at a busy server, known tools are shown, and a call fails in words") {
  const Kept kept;
  const auto problem = GENERATE(gone, signed_out, busy);
  ReceptionRig rig(kept.path(), with_sign_in());
  rig.server.fail_with(problem);
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "old");
  CHECK(rig.ask("tools/call", R"({"name":"old"})") == problem.what);
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "old");
}

TEST_CASE("A call of a known tool signs in first, and is carried out") {
  const Kept kept;
  ReceptionRig rig(kept.path(), with_sign_in());
  rig.server.fail_with(signed_out);
  rig.server.sign_in_when_asked();
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "old");
  CHECK(rig.ask("tools/call", R"({"name":"old"})", true).contains("content"));
  CHECK(rig.server.count("tools/call") == 1);
}

TEST_CASE("Once the server has answered, lists come from the server") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.greet();
  REQUIRE(rig.settled());
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  rig.server.set("tools/list", R"({"tools":[{"name":"newest"}]})");
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "newest");
  CHECK(rig.server.count("tools/list") == 2);
}

TEST_CASE("The host hears of a list that is another one than it was given, once") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.server.hang("initialize");
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "old");
  rig.server.release();
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
  REQUIRE(rig.settled());
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  rig.end();
  CHECK(rig.host.all().size() == 1);
}

TEST_CASE("The host hears nothing of lists that are as it was given them") {
  const Kept kept(R"({"tools":[{"name":"work"}]})");
  ReceptionRig rig(kept.path());
  rig.server.hang("initialize");
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  rig.server.release();
  REQUIRE(rig.settled());
  rig.end();
  CHECK(rig.host.all().empty());
}

TEST_CASE("A host that has not asked for a known list hears nothing of its being another one") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.greet();
  REQUIRE(rig.settled());
  rig.end();
  CHECK(rig.host.all().empty());
}

TEST_CASE("Where nothing was known, the host hears of the lists that there are") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.set(
      "initialize",
      R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{},"prompts":{},"resources":{}}})");
  rig.server.set("prompts/list", R"({"prompts":[]})");
  rig.server.set("resources/list", R"({"resources":[]})");
  rig.server.set("resources/templates/list", R"({"resourceTemplates":[{"uriTemplate":"a:{b}"}]})");
  rig.greet();
  CHECK(eventually([&] { return rig.host.all().size() == 2; }));
  REQUIRE(rig.settled());
  rig.end();
  CHECK(rig.host.all().size() == 2);
  CHECK(rig.host.count(tools_changed) == 1);
  CHECK(rig.host.count("notifications/resources/list_changed") == 1);
}

TEST_CASE("A list that could not be had is told of when it can") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.set("tools/list", R"({"tools":[]})");
  rig.server.fail_with(gone);
  rig.greet();
  CHECK(rig.ask("tools/list") == "Gone.");
  rig.server.fail_with(std::nullopt);
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
}

TEST_CASE("A list that was refused and that the server has not got at all is not told of") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  for (const char* list : {"tools/list", "resources/list"}) rig.server.fail_with(list, signed_out);
  rig.greet();
  CHECK(rig.ask("tools/list") == "Signed out.");
  CHECK(rig.ask("resources/list") == "Signed out.");
  rig.server.fail_with("tools/list", std::nullopt);
  CHECK(rig.ask("tools/call").contains("content"));
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
  rig.end();
  CHECK(rig.host.count("notifications/resources/list_changed") == 0);
}

TEST_CASE("A subscription at a server that can't be had, or is busy, is agreed to here and waits") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.fail_with(GENERATE(gone, busy));
  const auto subscribe = request(
      "\"s\"", "subscriptions/listen",
      R"({"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})");
  const Cancellation end;
  std::thread subscription([&] { CHECK_FALSE(rig.reception.send(subscribe, rig.host, {end, false})); });
  CHECK(eventually([&] { return rig.host.count("notifications/subscriptions/acknowledged") == 1; }));
  rig.server.fail_with(std::nullopt);
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
  end.cancel();
  subscription.join();
}

TEST_CASE("A list that the host is asking for by itself is left to it") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang("tools/list");
  rig.initialize();
  std::thread asking([&] { CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work"); });
  CHECK(eventually([&] { return rig.server.count("tools/list") == 1; }));
  rig.initialized();
  CHECK(eventually([&] { return rig.surveyed(); }));
  rig.server.release();
  asking.join();
  CHECK(rig.server.count("(tools/list)") == 0);
  rig.end();
  CHECK(rig.host.all().empty());
}

TEST_CASE("With nothing known, a list waits for the server, but not for ever") {
  const TemporaryFolder folder;
  auto settings = Reception::Settings();
  settings.list_limit = std::chrono::milliseconds(20);
  ReceptionRig rig(folder.path(), settings);
  rig.server.hang();
  rig.greet();
  CHECK(rig.ask("tools/list") == "ClickFlow has not answered yet.");
  rig.server.release();
  // The limit holds for each of these too.
  CHECK(eventually([&] { return rig.ask("tools/list") != "ClickFlow has not answered yet."; }));
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
}

TEST_CASE("A host's own cancellation ends the wait for the server") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang();
  rig.greet();
  const auto* const method = GENERATE(as<const char*>(), "tools/list", "tools/call", "prompts/get");
  const Cancellation cancellation;
  std::thread waiting([&] {
    Heard inbox;
    const auto sent = rig.reception.send(request("7", method), inbox, {cancellation, false});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == ErrorCode::cancelled);
    CHECK(inbox.all().empty());
  });
  cancellation.cancel();
  waiting.join();
}

TEST_CASE("Signed out with nothing known, the host is shown a tool that signs in") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path(), with_sign_in());
  rig.server.fail_with(signed_out);
  rig.greet();
  const auto tools = rig.ask("tools/list")["tools"];
  REQUIRE(tools.size() == 1);
  CHECK(tools[0]["name"] == bridge::sign_in_tool);
  CHECK(rig.ask("tools/call", R"({"name":"work"})") == "Signed out.");
  CHECK(rig.ask("prompts/list") == "Signed out.");
}

TEST_CASE("The call that signs in makes the handshake first, in its order") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path(), with_sign_in());
  rig.server.fail_with(signed_out);
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == bridge::sign_in_tool);
  rig.server.sign_in_when_asked();
  const bool by_its_own_tool = GENERATE(true, false);
  const auto result =
      rig.ask("tools/call", by_its_own_tool ? R"({"name":"clickflow_sign_in"})" : R"({"name":"work"})", true);
  CHECK(result.contains("content"));
  CHECK(rig.server.count("tools/call") == (by_its_own_tool ? 0 : 1));
  const auto sent = rig.server.sent();
  const auto initialized = std::find(sent.begin(), sent.end(), "notifications/initialized");
  REQUIRE(initialized != sent.end());
  CHECK(*(initialized - 1) == "initialize");
  CHECK(std::count(sent.begin(), initialized, std::string("tools/call")) == 0);
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
}

TEST_CASE("A server that greets anybody and shows its tools to some is signed in to all the same") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path(), with_sign_in());
  rig.server.fail_with("tools/list", signed_out);
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == bridge::sign_in_tool);
  CHECK(rig.ask("tools/call", R"({"name":"clickflow_sign_in"})", true) == "Signed out.");
  rig.server.sign_in_when_asked();
  CHECK(rig.ask("tools/call", R"({"name":"clickflow_sign_in"})", true).contains("content"));
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
}

TEST_CASE("With an API key, a refused list of tools is told as it is") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.fail_with("tools/list", signed_out);
  rig.greet();
  CHECK(rig.ask("tools/list") == "Signed out.");
}

TEST_CASE("The host hears that the tools have changed once somebody has signed in elsewhere") {
  const TemporaryFolder folder;
  const bool greets_anybody = GENERATE(true, false);
  std::atomic<bool> signed_in = false;
  ReceptionRig rig(folder.path(), with_sign_in([&] { return signed_in ? "one" : ""; }));
  if (greets_anybody) {
    rig.server.fail_with("tools/list", signed_out);
  } else {
    rig.server.fail_with(signed_out);
  }
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == bridge::sign_in_tool);
  rig.server.fail_with("tools/list", std::nullopt);
  rig.server.fail_with(std::nullopt);
  signed_in = true;
  CHECK(eventually([&] { return rig.host.count(tools_changed) >= 1; }));
  CHECK(eventually([&] { return rig.server.is_listened_to(); }));
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  rig.end();
  CHECK(rig.host.count(tools_changed) == 1);
}

TEST_CASE("A credential that is refused is not tried again until there is another one") {
  const TemporaryFolder folder;
  const bool greets_anybody = GENERATE(true, false);
  const bool is_renewed = GENERATE(true, false);
  std::atomic<int> looks = 0, sign_ins = 1;
  ReceptionRig* running = nullptr;
  auto settings = with_sign_in([&] {
    ++looks;
    const auto attempts = running->server.sent().size();
    return std::to_string(sign_ins) + "." + std::to_string(is_renewed ? attempts : 0);
  });
  settings.longest_pause = std::chrono::hours(1);
  ReceptionRig rig(folder.path(), settings);
  running = &rig;
  if (greets_anybody) {
    rig.server.fail_with("tools/list", signed_out);
  } else {
    rig.server.fail_with(signed_out);
  }
  rig.greet();
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == bridge::sign_in_tool);
  const auto goes_on = [&] { return eventually([&, from = looks.load()] { return looks > from + 10; }); };
  REQUIRE(goes_on());
  const auto before = rig.server.sent().size();
  REQUIRE(goes_on());
  CHECK(rig.server.sent().size() == before);
  CHECK(rig.host.all().empty());
  rig.server.fail_with("tools/list", std::nullopt);
  rig.server.fail_with(std::nullopt);
  ++sign_ins;
  CHECK(eventually([&] { return rig.host.count(tools_changed) == 1; }));
}

TEST_CASE("What the host was told of and the server has not got is stood in for") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.greet();
  REQUIRE(rig.settled());
  CHECK(rig.ask("prompts/list") == parse_json(R"({"prompts":[]})"));
  CHECK(rig.ask("resources/list") == parse_json(R"({"resources":[]})"));
  CHECK(rig.ask("resources/templates/list") == parse_json(R"({"resourceTemplates":[]})"));
  CHECK(rig.ask("logging/setLevel", R"({"level":"info"})") == Json::object());
  CHECK(rig.ask("completion/complete")["completion"]["values"] == Json::array());
  CHECK(rig.ask("resources/subscribe", R"({"uri":"a:b"})")["code"] == -32601);
  CHECK(rig.ask("resources/unsubscribe", R"({"uri":"a:b"})") == Json::object());
  CHECK(rig.ask("custom/echo")["code"] == -32601);
  // A server may have what it does not declare, so it is asked.
  for (const char* method :
       {"prompts/list", "logging/setLevel", "completion/complete", "resources/subscribe"})
    CHECK(rig.server.count(method) == 1);
}

TEST_CASE("What the host was not told of is the server's matter") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.greet();
  REQUIRE(rig.settled());
  CHECK(rig.ask("prompts/list")["code"] == -32601);
  CHECK(rig.ask("logging/setLevel")["code"] == -32601);
}

TEST_CASE("A host that makes no handshake is let through to the server as it is") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  CHECK(rig.ask("logging/setLevel")["code"] == -32601);
  rig.server.fail_with(gone);
  CHECK(rig.ask("tools/call") == "Gone.");
  CHECK(rig.server.sent() == Methods{"tools/list", "logging/setLevel", "tools/call"});
}

TEST_CASE("A list in pages goes to the host page by page, and is kept as one") {
  const TemporaryFolder folder;
  {
    ReceptionRig rig(folder.path());
    rig.server.set("tools/list", R"({"tools":[ {"name":"a"} ],"nextCursor":"1","x":1.50})");
    rig.server.set("tools/list 1", R"({"tools":[],"nextCursor":"2"})");
    rig.server.set("tools/list 2", R"({"tools":[{"name":"b"},{"name":"c"}]})");
    rig.greet();
    CHECK(rig.ask("tools/list")["nextCursor"] == "1");
    CHECK(rig.ask("tools/list", R"({"cursor":"2"})")["tools"][0]["name"] == "b");
    CHECK(eventually([&] { return rig.known.has_heard(mcp::List::tools); }));
  }
  ReceptionRig next(folder.path());
  next.initialize();
  CHECK(next.ask("tools/list") ==
        parse_json(R"({"tools":[{"name":"a"},{"name":"b"},{"name":"c"}],"x":1.50})"));
}

TEST_CASE("A list whose pages have no end is not kept") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.set("tools/list", R"({"tools":[{"name":"a"}],"nextCursor":"1"})");
  rig.server.set("tools/list 1", R"({"tools":[{"name":"a"}],"nextCursor":"1"})");
  rig.greet();
  REQUIRE(rig.settled());
  CHECK_FALSE(rig.known.list(mcp::List::tools));
  CHECK(rig.server.count("(tools/list)") == 200);
}

TEST_CASE(
    "Notifications of the host's wait for the handshake, and cancellations of what was not sent go nowhere") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang("initialize");
  rig.greet();
  Heard none;
  REQUIRE(rig.reception.send(notification("notifications/cancelled", R"({"requestId":1})"), none, {}));
  REQUIRE(
      rig.reception.send(clickflow::testing::message(R"({"jsonrpc":"2.0","id":9,"result":{}})"), none, {}));
  std::thread sending([&] { CHECK(rig.reception.send(notification("notifications/odd"), none, {})); });
  CHECK(eventually([&] { return rig.server.count("initialize") == 1; }));
  rig.server.release();
  sending.join();
  CHECK(rig.server.count("notifications/odd") == 1);
  CHECK(rig.server.count("notifications/cancelled") == 0);
  CHECK(rig.server.count("") == 0);
}

TEST_CASE("A host that begins anew gets a new handshake with the server") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.greet();
  REQUIRE(rig.settled());
  rig.greet();
  CHECK(rig.ask("tools/call").contains("content"));
  CHECK(rig.server.count("initialize") == 2);
  CHECK(rig.server.count("notifications/initialized") == 2);
}

TEST_CASE("What was learnt is kept, however soon the process ends after it") {
  for (int i = 0; i < 50; ++i) {
    const TemporaryFolder folder;
    {
      ReceptionRig rig(folder.path());
      rig.initialize();
      rig.ask("tools/list");
    }
    const ReceptionRig next(folder.path());
    REQUIRE(next.known.list(mcp::List::tools));
    REQUIRE(next.known.description(mcp::Era::legacy));
  }
}

TEST_CASE("What the server answers to a revision is what the next host that asks for it is told") {
  const TemporaryFolder folder;
  {
    ReceptionRig rig(folder.path());
    rig.server.set("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})");
    rig.greet();
    REQUIRE(rig.settled());
  }
  ReceptionRig next(folder.path());
  CHECK(next.initialize("2025-11-25")["protocolVersion"] == "2025-06-18");
  CHECK(next.initialize("2025-03-26")["protocolVersion"] == "2025-03-26");
}

TEST_CASE("After a new sign-in in the middle of a session, the next start knows all that it knew before") {
  const TemporaryFolder folder;
  {
    ReceptionRig rig(folder.path());
    rig.greet();
    REQUIRE(rig.settled());
    rig.known.forget();
    CHECK(rig.ask("tools/call").contains("content"));
    REQUIRE(eventually([&] { return rig.surveyed(); }));
  }
  ReceptionRig next(folder.path());
  CHECK(next.initialize()["serverInfo"]["name"] == "real");
  CHECK(next.ask("tools/list")["tools"][0]["name"] == "work");
}

TEST_CASE("A list that is fresh by the server's word is not asked for again, until it says that it changed") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.set("tools/list", R"({"resultType":"complete","tools":[{"name":"work"}],"ttlMs":60000})");
  rig.greet();
  REQUIRE(rig.settled());
  const auto before = rig.server.count("tools/list");
  CHECK(rig.ask("tools/list")["tools"][0]["name"] == "work");
  CHECK(rig.ask("tools/list")["ttlMs"] == 60000);
  CHECK(rig.server.count("tools/list") == before);
  SECTION("by its notification") {
    rig.server.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    CHECK(rig.host.count(tools_changed) >= 1);
  }
  SECTION("or time has passed") {
    rig.clock.pass(std::chrono::seconds(61));
  }
  SECTION("or it is another part of the list") {
    rig.ask("tools/list", R"({"cursor":"x"})");
    CHECK(rig.server.count("tools/list") == before + 1);
    return;
  }
  SECTION("or somebody else has signed in") {
    rig.known.forget();
  }
  rig.ask("tools/list");
  CHECK(rig.server.count("tools/list") == before + 1);
}

TEST_CASE(
    "A modern host that asks for nothing but lists gets the server's, once the server has been asked "
    "behind") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  CHECK(rig.ask_modern("tools/list")["tools"][0]["name"] == "old");
  REQUIRE(eventually([&] { return rig.surveyed(); }));
  rig.server.set("tools/list", R"({"tools":[{"name":"newest"}]})");
  CHECK(eventually([&] { return rig.ask_modern("tools/list")["tools"][0]["name"] == "newest"; }));
}

TEST_CASE("Whatever a modern host asks for after the server's first answer is asked of the server") {
  const Kept kept;
  ReceptionRig rig(kept.path());
  rig.server.hang("server/discover");  // and with it all that is done behind
  struct AskingNext : remote::Receiver {
    explicit AskingNext(ReceptionRig& the_rig) : rig(the_rig) {}
    void on_message(mcp::Message) override { next = rig.ask_modern("tools/list"); }
    ReceptionRig& rig;
    Json next;
  };
  AskingNext host(rig);
  const auto first = GENERATE(as<std::string>(), R"("method":"tools/list","params":{"cursor":"1",)",
                              R"("method":"tools/call","params":{"name":"work",)");
  const auto asked = R"({"jsonrpc":"2.0","id":"first",)" + first +
                     R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
  REQUIRE(rig.reception.send(clickflow::testing::message(asked), host, {}));
  CHECK(host.next["tools"][0]["name"] == "work");
}

TEST_CASE("A modern host is not told that something was set which its revision can't set") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  for (const char* method : {"logging/setLevel", "resources/subscribe", "resources/unsubscribe"})
    CHECK(rig.ask_modern(method)["code"] == -32601);
}

TEST_CASE("A subscription that was agreed to here is agreed to anew by what the server grants") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  const std::string asked = R"({"resourceSubscriptions":["a:b"],"toolsListChanged":true})";
  const std::string granted =
      GENERATE_COPY(asked, R"({"toolsListChanged" : true})", R"({"toolsListChanged":true,"x":1})");
  rig.server.set("subscriptions/listen", granted);
  rig.server.fail_with(gone);
  Heard host;
  const Cancellation cancellation;
  std::thread subscription([&] {
    const auto listen =
        request("5", "subscriptions/listen",
                R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"notifications":)" +
                    asked + "}");
    CHECK_FALSE(rig.reception.send(listen, host, {cancellation, false}));
  });
  const std::string agreed = "notifications/subscriptions/acknowledged";
  CHECK(eventually([&] { return host.count(agreed) == 1; }));
  rig.server.fail_with(std::nullopt);
  CHECK(eventually([&] { return host.count(tools_changed) == 1; }));
  cancellation.cancel();
  subscription.join();

  const auto heard = host.all();
  CHECK(heard.at(0)["params"]["notifications"] == parse_json(R"({"toolsListChanged":true})"));
  const bool differs = parse_json(granted) != parse_json(R"({"toolsListChanged":true})");
  REQUIRE(host.count(agreed) == (differs ? 2 : 1));
  if (differs) CHECK(heard.at(1)["params"]["notifications"] == parse_json(granted));
  CHECK(heard.back()["method"] == tools_changed);
}
