#include "clickflow/bridge/crossing.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "support/json.h"
#include "support/messages.h"
#include "support/scripted_remote.h"
#include "support/waiting.h"

using namespace clickflow;
using bridge::Crossing;
using clickflow::testing::Collected;
using clickflow::testing::eventually;
using clickflow::testing::message;
using clickflow::testing::notification;
using clickflow::testing::request;
using clickflow::testing::ScriptedRemote;
using mcp::Era;

namespace {

const std::string meta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";
const auto legacy_list = request("1", "tools/list");
const auto modern_list = request("1", "tools/list", "{" + meta + "}");
const auto initialize =
    request("0", "initialize",
            R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"h","version":"1"}})");

// A session that is handed out once, and stays the test's to look at.
struct Borrowed : remote::Remote {
  explicit Borrowed(ScriptedRemote& the_session) : session(the_session) {}
  Result<void> send(const mcp::Message& said, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override {
    return session.send(said, receiver, occasion);
  }
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override {
    session.listen(receiver, cancellation);
  }
  void close(std::chrono::milliseconds limit) override { session.close(limit); }
  ScriptedRemote& session;
};

struct Rig {
  explicit Rig(Era era, std::string revision = {}, std::string discovery = {})
      : crossing(
            {legacy, modern, [this] { return std::make_unique<Borrowed>(session); },
             [this, discovery](const std::string& said, const auth::Occasion&) -> Result<remote::RemoteEra> {
               ++probes;
               probed_with = said;
               if (while_asked) while_asked();
               if (problem) return tl::make_unexpected(*problem);
               return remote::RemoteEra{era_now, "", discovery};
             },
             std::move(revision), last_switch}),
        era_now(era) {
    session.answer(
        "initialize",
        R"({"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}})");
  }
  Result<void> send(const mcp::Message& said) { return crossing.send(said, host, {}); }

  const std::shared_ptr<remote::LastSwitch> last_switch =
      std::make_shared<remote::LastSwitch>("switch", "The switch");
  ScriptedRemote legacy, modern, session;
  std::atomic<int> probes = 0;
  std::string probed_with;
  std::optional<Error> problem;
  std::function<void()> while_asked;
  Collected host;
  Crossing crossing;
  Era era_now;
};

ScriptedRemote::Handler refuses(mcp::ErrorNumber code, std::string data = "{}") {
  return [=](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
    receiver.on_message(message(mcp::make_error(asked.id(), code, "no", data)));
    return Result<void>{};
  };
}

}  // namespace

TEST_CASE("Between ends that speak alike a message passes byte for byte") {
  Rig old(Era::legacy);
  REQUIRE(old.send(initialize));
  REQUIRE(old.send(notification("notifications/initialized")));
  REQUIRE(old.send(legacy_list));
  CHECK(old.legacy.sent() == std::vector<std::string>{initialize.text(),
                                                      notification("notifications/initialized").text(),
                                                      legacy_list.text()});
  CHECK(old.modern.sent().empty());

  Rig current(Era::modern);
  REQUIRE(current.send(modern_list));
  CHECK(current.modern.sent() == std::vector<std::string>{modern_list.text()});
  CHECK(current.legacy.sent().empty());
}

TEST_CASE("Between ends that speak differently a translator stands") {
  Rig modern_server(Era::modern);
  REQUIRE(modern_server.send(legacy_list));
  REQUIRE(modern_server.modern.sent().size() == 1);
  CHECK(parse_json(modern_server.modern.sent()[0])["params"]["_meta"].contains(
      "io.modelcontextprotocol/protocolVersion"));

  Rig legacy_server(Era::legacy);
  REQUIRE(legacy_server.send(modern_list));
  CHECK(legacy_server.session.count("initialize") == 1);
  CHECK(legacy_server.session.count("tools/list") == 1);
  CHECK(legacy_server.legacy.sent().empty());
  legacy_server.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("Hosts of both eras may speak in turn") {
  Rig rig(Era::legacy);
  REQUIRE(rig.send(initialize));
  REQUIRE(rig.send(modern_list));
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.legacy.count("tools/list") == 1);
  CHECK(rig.session.count("tools/list") == 1);
  CHECK(rig.probes == 1);
  rig.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("The server is asked once how it speaks, by whoever is about to speak") {
  Rig rig(Era::modern);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      Collected host;
      CHECK(rig.crossing.send(initialize, host, {}));
    });
  for (auto& thread : threads) thread.join();
  CHECK(rig.probes == 1);
  CHECK(parse_json(rig.probed_with)["io.modelcontextprotocol/clientInfo"]["name"] == "h");
}

TEST_CASE("A server that could not be asked has shown nothing, and is asked again") {
  Rig rig(Era::modern);
  rig.problem = Error{ErrorCode::unauthenticated, "Who are you?", "Sign in."};
  CHECK(rig.send(modern_list).error().code == ErrorCode::unauthenticated);
  rig.problem.reset();
  CHECK(rig.send(modern_list));
  CHECK(rig.probes == 2);
}

TEST_CASE("A server that was legacy and answers a handshake as modern ones do is modern") {
  Rig rig(Era::legacy);
  rig.legacy.on("initialize", refuses(mcp::unsupported_revision,
                                      R"({"supported":["2026-07-28"],"requested":"2025-11-25"})"));
  rig.modern.answer("server/discover", R"({"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}})");
  REQUIRE(rig.send(initialize));
  REQUIRE(rig.host.messages.size() == 1);
  CHECK(parse_json(rig.host.messages[0])["result"]["capabilities"].contains("tools"));
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.modern.count("tools/list") == 1);
}

TEST_CASE(
    "A server that no longer speaks its revision is asked anew, and the refused request goes out again") {
  Rig rig(Era::modern);
  REQUIRE(rig.send(modern_list));
  rig.era_now = Era::legacy;
  rig.modern.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2025-11-25"]})"));
  REQUIRE(rig.send(modern_list));
  CHECK(rig.probes == 2);
  CHECK(rig.session.count("tools/list") == 1);
  CHECK(rig.host.messages.size() == 2);
  rig.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("A server that refuses a second time is believed") {
  Rig rig(Era::modern);
  rig.modern.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2027-01-01"]})"));
  REQUIRE(rig.send(modern_list));
  CHECK(rig.probes == 2);
  REQUIRE(rig.host.messages.size() == 1);
  CHECK(parse_json(rig.host.messages[0])["error"]["code"] == -32022);
}

TEST_CASE("A server that answers what is not the protocol is asked anew by the next request") {
  Rig rig(Era::modern);
  rig.modern.on("tools/list",
                [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  return fail(ErrorCode::rejected, "No.", "Ask.");
                });
  CHECK(rig.send(modern_list).error().code == ErrorCode::rejected);
  CHECK(rig.modern.count("tools/list") == 1);
  rig.era_now = Era::legacy;
  CHECK(rig.send(modern_list));
  CHECK(rig.session.count("tools/list") == 1);
  rig.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("A legacy host's handshake is made anew with a server that comes back in the other era") {
  const auto before = GENERATE(Era::legacy, Era::modern);
  Rig rig(before);
  rig.modern.answer("server/discover", R"({"supportedVersions":["2026-07-28"],"capabilities":{}})");
  REQUIRE(rig.send(initialize));
  REQUIRE(rig.send(notification("notifications/initialized")));
  REQUIRE(rig.send(legacy_list));
  REQUIRE(rig.send(request("2", "logging/setLevel", R"({"level":"error"})")));
  // A modern server says so; a legacy one misses the session.
  if (before == Era::legacy) {
    rig.era_now = Era::modern;
    rig.legacy.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
  } else {
    rig.era_now = Era::legacy;
    rig.modern.on("tools/list", refuses(mcp::no_answer));
  }
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.host.messages.size() == 4);
  CHECK(parse_json(rig.host.messages.back()).contains("result"));
  CHECK(rig.legacy.count("logging/setLevel") == 1);
  if (before == Era::legacy)
    CHECK(rig.modern.sent().back().find(R"(logLevel":"error")") != std::string::npos);
  CHECK(rig.legacy.count("initialize") == 1);
  CHECK(rig.legacy.count("notifications/initialized") == 1);
  auto& now = before == Era::legacy ? rig.modern : rig.legacy;
  CHECK(now.count("tools/list") == 1);
  REQUIRE(rig.send(legacy_list));
  CHECK(now.count("tools/list") == 2);
  CHECK(rig.legacy.count("initialize") == 1);
}

TEST_CASE("A switch is news to a server that comes back in the other era, and over with a new handshake") {
  Rig rig(Era::legacy);
  rig.modern.answer("server/discover", R"({"supportedVersions":["2026-07-28"],"capabilities":{}})");
  REQUIRE(rig.send(initialize));
  REQUIRE(rig.send(notification("notifications/initialized")));
  const unsigned number = rig.last_switch->note(request("1", "tools/call", R"({"name":"switch"})"));
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.last_switch->made().number == number);
  rig.era_now = Era::modern;
  rig.legacy.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.last_switch->made().number > number);
  REQUIRE(rig.send(initialize));
  CHECK(rig.last_switch->made().number == 0);
}

TEST_CASE("A call that a server of the other era has perhaps run does not go out again") {
  Rig rig(Era::modern);
  const auto call = request("1", "tools/call", R"({"name":"work",)" + meta + "}");
  REQUIRE(rig.send(call));
  rig.era_now = Era::legacy;
  rig.modern.on("tools/call", refuses(mcp::no_answer));
  const auto refused = rig.send(call);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rejected);
  CHECK(rig.session.count("tools/call") == 0);
  REQUIRE(rig.send(call));
  CHECK(rig.session.count("tools/call") == 1);
  rig.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("An error that a legacy server may give as well passes where the server is what it was") {
  Rig rig(Era::modern);
  REQUIRE(rig.send(modern_list));
  rig.modern.on("tools/list", refuses(mcp::no_answer));
  REQUIRE(rig.send(modern_list));
  CHECK(rig.probes == 2);
  CHECK(rig.modern.count("tools/list") == 2);
  CHECK(parse_json(rig.host.messages.back())["error"]["code"] == -32000);
}

TEST_CASE("A legacy host listens to the server that it was greeted by last") {
  Rig rig(Era::legacy);
  rig.modern.answer("server/discover",
                    R"({"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}}})");
  std::atomic<int> subscriptions = 0;
  rig.modern.on("subscriptions/listen",
                [&](const mcp::Message&, remote::Receiver&, const auth::Occasion& occasion) -> Result<void> {
                  ++subscriptions;
                  while (occasion.cancellation.sleep(60'000)) continue;
                  return fail(ErrorCode::cancelled, "Over.", "");
                });
  Collected heard;
  const Cancellation end;
  std::thread listening([&] { rig.crossing.listen(heard, end); });
  REQUIRE(rig.send(initialize));
  REQUIRE(rig.send(notification("notifications/initialized")));
  rig.legacy.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
  REQUIRE(rig.send(legacy_list));
  CHECK(eventually([&] { return subscriptions == 1; }));
  end.cancel();
  listening.join();
}

TEST_CASE("Who knows the server's revision says so, and it is not asked") {
  Rig old(Era::modern, "2025-06-18");
  REQUIRE(old.send(initialize));
  CHECK(old.probes == 0);
  CHECK(parse_json(old.legacy.sent().at(0))["params"]["protocolVersion"] == "2025-06-18");

  Rig current(Era::legacy, "2026-07-28");
  current.modern.on("tools/list", refuses(mcp::unsupported_revision));
  const auto refused = current.send(modern_list);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rejected);
  CHECK(refused.error().message().find("--protocol") != std::string::npos);
  CHECK(current.probes == 0);

  Rig other_host(Era::modern, "2025-06-18");
  REQUIRE(other_host.send(modern_list));
  CHECK(parse_json(other_host.session.sent().at(0))["params"]["protocolVersion"] == "2025-06-18");
  other_host.crossing.close(std::chrono::seconds(1));

  Rig mistaken(Era::modern, "2025-11-25");
  mistaken.legacy.on("initialize", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
  CHECK(mistaken.send(initialize).error().message().find("--protocol") != std::string::npos);
  CHECK(mistaken.modern.sent().empty());
}

TEST_CASE("What comes before the first request has nowhere to go") {
  Rig rig(Era::legacy);
  CHECK(rig.send(notification("notifications/roots/list_changed")));
  CHECK(rig.legacy.sent().empty());
}

TEST_CASE("How the server spoke the last time is believed without asking, and then known") {
  const auto era = GENERATE(Era::legacy, Era::modern);
  Rig rig(era);
  rig.modern.answer("tools/list", R"({"resultType":"complete","tools":[]})");
  rig.crossing.assume(era);
  CHECK_FALSE(rig.crossing.server_era());
  REQUIRE(rig.send(era == Era::legacy ? initialize : modern_list));
  CHECK(rig.probes == 0);
  CHECK(rig.crossing.server_era() == era);
  CHECK(rig.host.messages.size() == 1);
}

TEST_CASE("What was believed of the server and is not true is found out, and the host hears nothing of it") {
  SECTION("a modern server that has become a legacy one") {
    Rig rig(Era::legacy);
    rig.crossing.assume(Era::modern);
    SECTION("and refuses") {
      rig.modern.on("tools/list", refuses(mcp::invalid_request));
    }
    SECTION("and can't be asked so") {
      rig.modern.on("tools/list", [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) {
        return Result<void>(fail(ErrorCode::rejected, "400", ""));
      });
    }
    SECTION("and answers as it was not asked") {
      rig.modern.answer("tools/list", R"({"tools":["wrong"]})");
    }
    rig.session.answer("tools/list", R"({"tools":["right"]})");
    REQUIRE(rig.send(modern_list));
    REQUIRE(rig.host.messages.size() == 1);
    CHECK(rig.host.messages[0].find("right") != std::string::npos);
    CHECK(rig.crossing.server_era() == Era::legacy);
    rig.crossing.close(std::chrono::seconds(1));
  }
  SECTION("a legacy server that has become a modern one") {
    Rig rig(Era::modern);
    rig.crossing.assume(Era::legacy);
    rig.legacy.on("initialize", refuses(mcp::invalid_request));
    REQUIRE(rig.send(initialize));
    REQUIRE(rig.host.messages.size() == 1);
    CHECK(parse_json(rig.host.messages[0]).contains("result"));
    CHECK(rig.crossing.server_era() == Era::modern);
  }
}

TEST_CASE("An error of a server that speaks as was believed is its answer") {
  Rig rig(Era::modern);
  rig.crossing.assume(Era::modern);
  rig.modern.on("tools/list", refuses(mcp::internal_error));
  REQUIRE(rig.send(modern_list));
  REQUIRE(rig.host.messages.size() == 1);
  CHECK(parse_json(rig.host.messages[0])["error"]["code"] == mcp::internal_error);
  CHECK(rig.modern.count("tools/list") == 1);
  CHECK(rig.probes == 1);
}

TEST_CASE("What was believed of the server holds for a host that speaks otherwise as well") {
  Rig modern_server(Era::modern);
  modern_server.modern.answer("server/discover", R"({"supportedVersions":["2026-07-28"],"capabilities":{}})");
  modern_server.crossing.assume(Era::modern);
  REQUIRE(modern_server.send(initialize));
  CHECK(modern_server.modern.count("server/discover") == 1);

  Rig legacy_server(Era::legacy);
  legacy_server.crossing.assume(Era::legacy);
  REQUIRE(legacy_server.send(modern_list));
  CHECK(legacy_server.session.count("tools/list") == 1);
  CHECK(modern_server.probes + legacy_server.probes == 0);
  legacy_server.crossing.close(std::chrono::seconds(1));

  // And is found out where it is not true.
  Rig now_legacy(Era::legacy);
  now_legacy.modern.on("server/discover", refuses(mcp::no_answer));
  now_legacy.crossing.assume(Era::modern);
  REQUIRE(now_legacy.send(initialize));
  CHECK(now_legacy.legacy.count("initialize") == 1);
  CHECK(now_legacy.host.messages.size() == 1);

  Rig now_modern(Era::modern);
  now_modern.session.on("initialize", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
  now_modern.crossing.assume(Era::legacy);
  REQUIRE(now_modern.send(modern_list));
  CHECK(now_modern.modern.count("tools/list") == 1);
  CHECK(now_modern.host.messages.size() == 1);
  now_modern.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("However many wait for a server that does not answer, they wait once") {
  ScriptedRemote remote;
  std::atomic<int> begun = 0, probes = 0, failed = 0;
  const Cancellation answered;
  Crossing crossing({remote, remote, [] { return nullptr; },
                     [&](const std::string&, const auth::Occasion&) -> Result<remote::RemoteEra> {
                       ++probes;
                       (void)answered.sleep(10'000);
                       return fail(ErrorCode::timed_out, "Silence.", "Try again.");
                     }});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      Collected host;
      ++begun;
      const auto sent = crossing.send(modern_list, host, {});
      failed += !sent && sent.error().code == ErrorCode::timed_out;
    });
  CHECK(eventually([&] { return begun == 8; }));
  // Until all of them wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  answered.cancel();
  for (auto& thread : threads) thread.join();
  CHECK(failed == 8);
  CHECK(probes < 8);
}

TEST_CASE("A request that is cancelled waits no longer for what another finds out") {
  Rig rig(Era::modern);
  const Cancellation cancellation;
  std::atomic<bool> go = false, went = false;
  const auto wait = [&] {
    cancellation.cancel();
    went = eventually([&] { return go.load(); });
  };
  mcp::Message asked = modern_list;
  SECTION("how the server speaks") {
    rig.while_asked = wait;
  }
  SECTION("whether a server of the other era takes part") {
    asked = legacy_list;
    rig.era_now = Era::legacy;
    REQUIRE(rig.send(initialize));
    rig.legacy.on("tools/list", refuses(mcp::unsupported_revision, R"({"supported":["2026-07-28"]})"));
    rig.modern.on(
        "server/discover",
        [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
          wait();
          receiver.on_message(clickflow::testing::response_to(said));
          return {};
        });
  }
  std::thread other([&] {
    Collected host;
    (void)rig.crossing.send(asked, host, {});
  });
  // Whether it comes to wait before it is cancelled or after.
  CHECK(eventually([&] { return cancellation.cancelled(); }));
  const auto sent = rig.crossing.send(asked, rig.host, {cancellation, false});
  go = true;
  other.join();
  CHECK(went);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::cancelled);
}

TEST_CASE("A person whom a call waits for holds up the call only") {
  ScriptedRemote remote;
  const Cancellation signed_in;
  std::atomic<bool> person_asked = false;
  Crossing crossing({remote, remote, [] { return nullptr; },
                     [&](const std::string&, const auth::Occasion& occasion) -> Result<remote::RemoteEra> {
                       if (!occasion.interactive) return fail(ErrorCode::unauthenticated, "Signed out.", "");
                       person_asked = true;
                       (void)signed_in.sleep(10'000);
                       return remote::RemoteEra{Era::modern, "", ""};
                     }});
  Result<void> called;
  std::thread call([&] {
    Collected host;
    called = crossing.send(request("1", "tools/call", "{" + meta + "}"), host, {{}, true});
  });
  CHECK(eventually([&] { return person_asked.load(); }));
  Collected host;
  const auto list = crossing.send(modern_list, host, {});
  signed_in.cancel();
  call.join();
  CHECK(called);
  REQUIRE_FALSE(list);
  CHECK(list.error().code == ErrorCode::unauthenticated);
}

TEST_CASE("What the host says while the server is asked anew goes where it went before") {
  Rig rig(Era::legacy);
  rig.crossing.assume(Era::legacy);
  rig.legacy.on("tools/list", refuses(mcp::internal_error));
  rig.while_asked = [&] {
    CHECK(rig.crossing.send(message(mcp::make_result("\"question\"", "{}")), rig.host, {}));
  };
  REQUIRE(rig.send(legacy_list));
  CHECK(rig.probes == 1);
  CHECK(rig.legacy.sent().back() == mcp::make_result("\"question\"", "{}"));
}

TEST_CASE("What the probe was told is not asked for again") {
  const std::string discovery = R"({"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}})";
  Rig rig(Era::modern, {}, discovery);
  const auto discover = request("2", "server/discover", "{" + meta + "}");
  REQUIRE(rig.send(modern_list));
  REQUIRE(rig.send(discover));
  CHECK(rig.host.messages.back() == mcp::make_result("2", discovery));
  CHECK(rig.modern.count("server/discover") == 0);
  REQUIRE(rig.send(discover));
  CHECK(rig.modern.count("server/discover") == 1);
}

TEST_CASE("Nothing is sent on a belief that must not run twice") {
  Rig rig(Era::legacy);
  rig.crossing.assume(Era::modern);
  REQUIRE(rig.send(request("1", "tools/call", R"({"name":"work",)" + meta + "}")));
  CHECK(rig.modern.sent().empty());
  CHECK(rig.probes == 1);

  rig.crossing.close(std::chrono::seconds(1));
}

TEST_CASE("A server that can't be reached, or is busy, is believed to speak as before") {
  const auto code = GENERATE(ErrorCode::unreachable, ErrorCode::busy);
  Rig rig(Era::legacy);
  rig.crossing.assume(Era::legacy);
  bool gone = true;
  rig.legacy.on(
      "initialize",
      [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        if (gone) return fail(code, "Gone.", "");
        receiver.on_message(clickflow::testing::response_to(asked));
        return {};
      });
  CHECK_FALSE(rig.send(initialize));
  gone = false;
  REQUIRE(rig.send(initialize));
  CHECK(rig.probes == 0);
}
