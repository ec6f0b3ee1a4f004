#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <stdexcept>

#include "support/modern_host_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

std::string capabilities_of(const std::string& initialize) {
  return std::string(message(initialize).param("capabilities"));
}

std::string code_of(const mcp::Message& response) {
  return member_text(response.error(), "code");
}

}  // namespace

TEST_CASE("The first request makes the handshake, and the next ones find it made") {
  ModernHostRig rig;
  rig.server.answered_with("tools/list", R"({"tools":[ ]})");
  CHECK(
      rig.send(modern_request("1", "tools/list")).text() ==
      R"({"jsonrpc":"2.0","id":1,"result":{"tools":[ ],"resultType":"complete","ttlMs":0,"cacheScope":"private"}})");
  CHECK(rig.send(modern_request("2", "tools/list")).id() == "2");
  const auto sent = rig.server.sent();
  REQUIRE(sent.size() == 4);
  CHECK(message(sent[0]).params() == R"({"protocolVersion":"2025-11-25","capabilities":)" +
                                         std::string(asks_all) +
                                         R"(,"clientInfo":{"name":"host","version":"7"}})");
  CHECK(sent[1] == R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  CHECK(message(sent[2]).method() == "tools/list");
  CHECK(message(sent[2]).params() == "{}");
  CHECK(message(sent[2]).id() != message(sent[3]).id());
  CHECK(message(sent[2]).id().starts_with("\"clickflow-mcp/"));
}

TEST_CASE("A host that does not say who it is is announced as us") {
  ModernHostRig rig;
  rig.send(request("1", "tools/list"));
  const auto initialize = message(rig.server.sent("initialize").at(0));
  CHECK(member_text(initialize.param("clientInfo"), "name") == "\"clickflow-mcp\"");
  CHECK(initialize.param("capabilities") == "{}");
}

TEST_CASE("server/discover is answered from the handshake") {
  ModernHostRig rig;
  rig.server.capabilities = R"({"tools":{"listChanged":true},"tasks":{"list":{}}})";
  rig.server.initialize_more = R"(,"instructions":"Be kind.")";
  CHECK(
      rig.send(modern_request("\"d\"", "server/discover")).text() ==
      R"({"jsonrpc":"2.0","id":"d","result":{"resultType":"complete","supportedVersions":["2026-07-28"],)"
      R"("capabilities":{"tools":{"listChanged":true}},"instructions":"Be kind.","ttlMs":0,"cacheScope":"private",)"
      R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"old","version":"1"}}}})");
  CHECK(rig.server.count("server/discover") == 0);
}

TEST_CASE("A server of an older revision is taken, and one of a revision that we don't speak is not") {
  ModernHostRig rig;
  rig.server.revision = GENERATE("2025-06-18", "2025-03-26", "2024-11-05", "2026-07-28", "");
  const auto sending = rig.begin(modern_request("1", "tools/list"));
  const bool spoken = rig.server.revision.starts_with("2025");
  CHECK(sending->wait().has_value() == spoken);
  if (!spoken) CHECK(sending->wait().error().code == ErrorCode::protocol);
  CHECK(rig.server.count("notifications/initialized") == (spoken ? 1 : 0));
}

TEST_CASE("A handshake that fails is the call's failure, and the next call makes another") {
  ModernHostRig rig;
  const auto refusal = GENERATE(0, 1, 2);
  int tries = 0;
  rig.server.on("initialize", [&](const LegacyServer::Call&) -> LegacyServer::Answer {
    if (++tries > 1 || refusal == 2) return R"({"protocolVersion":"2025-11-25","capabilities":{}})";
    if (refusal == 0) return Error{ErrorCode::unreachable, "No way.", ""};
    return LegacyServer::Answer::error(R"({"code":1,"message":"We are closed"})");
  });
  int initialized = 0;
  rig.server.on("notifications/initialized", [&](const LegacyServer::Call&) -> LegacyServer::Answer {
    if (++initialized == 1 && refusal == 2) return Error{ErrorCode::lost, "Lost.", ""};
    return "";
  });
  const auto first = rig.begin(modern_request("1", "tools/list"));
  REQUIRE(!first->wait());
  CHECK(first->wait().error().code == std::vector{ErrorCode::unreachable, ErrorCode::rejected,
                                                  ErrorCode::lost}[static_cast<size_t>(refusal)]);
  if (refusal == 1) CHECK(first->wait().error().what == "The server does not take part: We are closed.");
  CHECK(rig.send(modern_request("2", "tools/list")).error().empty());
  CHECK(rig.server.count("initialize") == 2);
  CHECK(rig.server.session_count() == 1);
}

TEST_CASE("However many requests come first, one handshake is made for them") {
  ModernHostRig rig;
  std::atomic<bool> go = false;
  rig.server.on("initialize", [&](const LegacyServer::Call&) -> LegacyServer::Answer {
    while (!go) std::this_thread::yield();
    return R"({"protocolVersion":"2025-11-25","capabilities":{}})";
  });
  std::vector<std::unique_ptr<Sending>> sendings;
  for (int i = 0; i < 8; ++i)
    sendings.push_back(
        rig.begin(modern_request(std::to_string(i), i % 2 == 0 ? "tools/list" : "tools/call")));
  REQUIRE(rig.server.wait_for_count("initialize", 1));
  go = true;
  for (const auto& sending : sendings) CHECK(sending->response().error().empty());
  CHECK(rig.server.count("initialize") == 1);
}

TEST_CASE("Who waits for a handshake shares its failure, but not another's cancellation") {
  ModernHostRig rig;
  const bool cancelled = GENERATE(false, true);
  std::atomic<int> tries = 0;
  std::atomic<bool> go = false;
  rig.server.on("initialize", [&](const LegacyServer::Call& call) -> LegacyServer::Answer {
    if (++tries > 1) return R"({"protocolVersion":"2025-11-25","capabilities":{}})";
    while (!go) std::this_thread::yield();
    if (cancelled) call.wait_until_cancelled();
    return Error{cancelled ? ErrorCode::cancelled : ErrorCode::unreachable, "No.", ""};
  });
  const auto first = rig.begin(modern_request("1", "tools/list"));
  REQUIRE(rig.server.wait_for_count("initialize", 1));
  const auto second = rig.begin(modern_request("2", "tools/list"));
  std::this_thread::sleep_for(50ms);
  go = true;
  if (cancelled) first->cancellation.cancel();
  CHECK(first->wait().error().code == (cancelled ? ErrorCode::cancelled : ErrorCode::unreachable));
  CHECK(second->wait().has_value() == cancelled);
  // What was cancelled before it was sent is no matter of the server's.
  CHECK(rig.server.count("notifications/cancelled") == 0);
}

TEST_CASE("Who has a person waiting does not share the failure of who has not") {
  ModernHostRig rig;
  std::atomic<int> tries = 0;
  std::atomic<bool> go = false, second_is_interactive = false;
  rig.server.on("initialize", [&](const LegacyServer::Call& call) -> LegacyServer::Answer {
    if (++tries > 1) {
      second_is_interactive = call.occasion.interactive;
      return R"({"protocolVersion":"2025-11-25","capabilities":{}})";
    }
    while (!go) std::this_thread::yield();
    return Error{ErrorCode::unauthenticated, "Nobody is signed in.", ""};
  });
  const auto list = rig.begin(modern_request("1", "tools/list"));
  REQUIRE(rig.server.wait_for_count("initialize", 1));
  Collected heard;
  std::thread call([&] {
    (void)rig.translator().send(modern_request("2", "tools/call"), heard, {{}, true});
  });
  std::this_thread::sleep_for(50ms);
  go = true;
  call.join();
  CHECK(list->wait().error().code == ErrorCode::unauthenticated);
  CHECK(heard.messages.size() == 1);
  CHECK(second_is_interactive);
}

TEST_CASE("Each set of capabilities has a session of its own, however it is spelt") {
  ModernHostRig rig;
  rig.send(modern_request("1", "tools/list", "", R"({"roots":{},"sampling":{}})"));
  rig.send(modern_request("2", "tools/list", "", R"({"elicitation":{}})"));
  rig.send(modern_request("3", "tools/list", "", R"({ "sampling":{}, "roots":{"listChanged":true} })"));
  rig.send(modern_request("4", "tools/list", "", "{}"));
  // Not the host's own: it goes where the last one went.
  rig.send(request("5", "tools/list"));
  const auto made = rig.server.sent("initialize");
  REQUIRE(made.size() == 3);
  CHECK(capabilities_of(made[0]) == R"({"roots":{},"sampling":{}})");
  CHECK(capabilities_of(made[1]) == R"({"elicitation":{}})");
  CHECK(capabilities_of(made[2]) == "{}");
  CHECK(rig.server.sent_in(0).size() == 4);
  CHECK(rig.server.sent_in(1).size() == 3);
  CHECK(rig.server.sent_in(2).size() == 4);
}

TEST_CASE("Of too many sessions the one that was idle for longest is ended") {
  auto settings = ModernHostRig::quick();
  settings.most_sessions = 2;
  ModernHostRig rig(settings);
  rig.send(modern_request("1", "tools/list", "", R"({"a":{}})"));
  rig.send(modern_request("2", "tools/list", "", R"({"b":{}})"));
  rig.send(modern_request("3", "tools/list", "", R"({"a":{}})"));
  rig.send(modern_request("4", "tools/list", "", R"({"c":{}})"));
  REQUIRE(rig.server.wait_for_count("close", 1));
  CHECK(rig.server.sent_in(1).back() == "close");
  rig.send(modern_request("5", "tools/list", "", R"({"a":{}})"));
  CHECK(rig.server.session_count() == 3);
  rig.send(modern_request("6", "tools/list", "", R"({"b":{}})"));
  CHECK(rig.server.session_count() == 4);
}

TEST_CASE("Where all sessions are busy a request waits for one, and fails if none comes free") {
  auto settings = ModernHostRig::quick();
  settings.most_sessions = 1;
  const bool comes_free = GENERATE(true, false);
  settings.wait_limit = comes_free ? std::chrono::milliseconds(patience) : 20ms;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const LegacyServer::Call& call) -> LegacyServer::Answer {
    return call.ask("roots/list");
  });
  const auto asked = rig.send(modern_request("1", "tools/call"));
  REQUIRE(asks_for_input(asked));
  const auto waiting = rig.begin(modern_request("2", "tools/list", "", "{}"));
  if (comes_free) {
    CHECK(rig.send(modern_request("3", "tools/call", retry_of(asked, R"({"q1":{}})"))).error().empty());
    CHECK(waiting->response().error().empty());
    CHECK(rig.server.wait_for_count("close", 1));
    CHECK(rig.server.sent_in(0).back() == "close");
  } else {
    REQUIRE(!waiting->wait());
    CHECK(waiting->wait().error().code == ErrorCode::rejected);
    CHECK(rig.server.session_count() == 1);
  }
}

TEST_CASE("A request that waits for a session can be cancelled") {
  auto settings = ModernHostRig::quick();
  settings.most_sessions = 1;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const LegacyServer::Call& call) -> LegacyServer::Answer {
    return call.ask("roots/list");
  });
  REQUIRE(asks_for_input(rig.send(modern_request("1", "tools/call"))));
  const auto waiting = rig.begin(modern_request("2", "tools/list", "", "{}"));
  waiting->cancellation.cancel();
  CHECK(waiting->wait().error().code == ErrorCode::cancelled);
}

TEST_CASE("What only modern revisions have is refused with a word of why") {
  ModernHostRig rig;
  const auto refused = rig.send(modern_request("1", "tasks/get", R"("taskId":"t")"));
  CHECK(code_of(refused) == "-32601");
  CHECK(refused.error().find("older revision") != std::string_view::npos);
  CHECK(rig.server.sent().empty());
}

TEST_CASE("What sets something for a whole session is refused: a modern host has none") {
  ModernHostRig rig;
  for (const char* method : {"logging/setLevel", "resources/subscribe", "resources/unsubscribe"})
    CHECK(code_of(rig.send(modern_request("1", method, R"("level":"debug","uri":"a:b")"))) == "-32601");
  CHECK(rig.server.sent().empty());
}

TEST_CASE("Requests that nobody can be asked about pass, and what is asked there is refused") {
  ModernHostRig rig;
  std::string roots, unknown, sampling;
  rig.server.on("completion/complete", [&](const LegacyServer::Call& call) -> LegacyServer::Answer {
    roots = call.ask("roots/list");
    sampling = call.ask("sampling/createMessage");
    unknown = call.ask("tasks/get");
    call.say(notification_text("notifications/of/their/own"));
    return call.ask("ping");
  });
  const auto sending =
      rig.begin(modern_request("1", "completion/complete", R"("requestState":"x")", R"({"roots":{}})"));
  CHECK(sending->response().result() == R"({"resultType":"complete"})");
  CHECK(member_text(roots, "code") == "-32603");
  CHECK(member_text(sampling, "code") == "-32601");
  CHECK(member_text(unknown, "code") == "-32601");
  CHECK(sending->heard().size() == 2);
  CHECK(message(rig.server.sent("completion/complete").at(0)).params() == R"({"requestState":"x"})");
}

TEST_CASE("All sessions are ended at the end, and nothing is sent after it") {
  ModernHostRig rig;
  rig.send(modern_request("1", "tools/list", "", R"({"a":{}})"));
  rig.send(modern_request("2", "tools/list", "", R"({"b":{}})"));
  rig.translator().close(std::chrono::milliseconds(patience));
  CHECK(rig.server.count("close") == 2);
  CHECK(rig.begin(modern_request("3", "tools/list"))->wait().error().code == ErrorCode::cancelled);
  CHECK(rig.server.count("tools/list") == 2);
}

TEST_CASE("What is under way at the end comes to an end") {
  ModernHostRig rig;
  const auto method = GENERATE("initialize", "tools/call", "tools/list");
  rig.server.on(method, [](const LegacyServer::Call& call) -> LegacyServer::Answer {
    call.wait_until_cancelled();
    return Error{ErrorCode::cancelled, "Cancelled.", ""};
  });
  const auto call =
      rig.begin(modern_request("1", std::string_view(method) == "initialize" ? "tools/list" : method));
  REQUIRE(rig.server.wait_for_count(method, 1));
  rig.translator().close(std::chrono::milliseconds(patience));
  CHECK(call->wait().error().code == ErrorCode::cancelled);
}

TEST_CASE("A server without a stream of its own is served as well") {
  ModernHostRig rig;
  rig.server.offers_stream = false;
  CHECK(rig.send(modern_request("1", "tools/list")).error().empty());
  rig.end();
  CHECK(rig.server.count("close") == 1);
}

TEST_CASE("What goes wrong inside a call is its failure, and of doubtful effect") {
  ModernHostRig rig;
  rig.server.on("tools/call", [](const LegacyServer::Call&) -> LegacyServer::Answer {
    throw std::runtime_error("out of something");
  });
  const auto sending = rig.begin(modern_request("1", "tools/call"));
  const auto sent = sending->wait();
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::system);
  CHECK(sent.error().what.find("whether it was carried out is not known") != std::string::npos);
}
