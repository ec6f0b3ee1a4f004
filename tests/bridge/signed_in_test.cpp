#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <thread>

#include "clickflow/bridge/bridge.h"
#include "clickflow/bridge/sign_in_offer.h"
#include "support/memory_channel.h"
#include "support/messages.h"
#include "support/reception_rig.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

const Error signed_out{ErrorCode::unauthenticated, "Signed out.", ""};
const std::string tools_changed = "notifications/tools/list_changed";

// A server that one signs in to, as a sign-in is noticed: each is another edition, by a change before it is
// stored and one after it.
struct Rig {
  explicit Rig(const std::filesystem::path& folder) : reception(folder, settings()) {}
  bridge::Reception::Settings settings() {
    bridge::Reception::Settings settings;
    settings.can_sign_in = true;
    settings.credential = [this] { return std::to_string(sign_ins); };
    return settings;
  }
  void sign_in_when_asked() {
    reception.server.sign_in_when_asked([this] {
      reception.known.forget();
      ++sign_ins;
      reception.known.forget();
    });
  }

  std::atomic<int> sign_ins = 0;
  ReceptionRig reception;
};

std::string meta() {
  return R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{}})";
}

}  // namespace

TEST_CASE("A host whose call signs in hears once that its tools may be others") {
  const TemporaryFolder folder;
  const bool signed_in_before = GENERATE(false, true);
  Rig rig(folder.path());
  auto& server = rig.reception.server;
  auto& host = rig.reception.host;
  if (!signed_in_before) server.fail_with(signed_out);
  rig.reception.greet();
  const size_t before = signed_in_before;  // that there are any
  if (signed_in_before) REQUIRE(eventually([&] { return host.count(tools_changed) == before; }));
  CHECK(rig.reception.ask("tools/list")["tools"][0]["name"] ==
        (signed_in_before ? "work" : bridge::sign_in_tool));
  // As it is with a call that needs another scope, or somebody else.
  if (signed_in_before) server.fail_with("tools/call", signed_out);
  rig.sign_in_when_asked();
  CHECK(rig.reception.ask("tools/call", R"({"name":"work"})", true).contains("content"));
  CHECK(rig.reception.ask("tools/call", R"({"name":"work"})", true).contains("content"));
  CHECK(eventually([&] { return host.count(tools_changed) > before; }));
  CHECK(eventually([&] { return rig.reception.surveyed(); }));
  rig.reception.end();
  CHECK(host.count(tools_changed) == before + 1);
}

TEST_CASE("A sign-in that has ended between two calls is told of by the next one") {
  const TemporaryFolder folder;
  Rig rig(folder.path());
  rig.reception.greet();
  REQUIRE(eventually([&] { return rig.reception.host.count(tools_changed) == 1; }));  // that there are any
  CHECK(rig.reception.ask("tools/list")["tools"].size() == 1);
  rig.reception.known.forget();
  CHECK(rig.reception.ask("tools/call").contains("content"));
  CHECK(rig.reception.host.count(tools_changed) == 2);
}

TEST_CASE("All in all a host of either era hears once of the tools that a sign-in brings") {
  const TemporaryFolder folder;
  {
    ReceptionRig before(folder.path());
    before.server.set("tools/list", R"({"tools":[{"name":"old"}]})");
    before.greet();
    REQUIRE(before.settled());
  }
  const bool modern = GENERATE(false, true);
  Rig rig(folder.path());
  auto& server = rig.reception.server;
  for (const auto* method : {"initialize", "server/discover", "tools/list", "tools/call"})
    server.fail_with(method, signed_out);
  rig.sign_in_when_asked();
  MemoryChannel host;
  bridge::Bridge bridge(host, rig.reception.reception, {});
  std::thread running([&] { CHECK(bridge.run()); });
  if (modern) {
    host.send(request_text("1", "subscriptions/listen",
                           R"({"notifications":{"toolsListChanged":true},)" + meta() + "}"));
    host.receive();  // that it has begun
  } else {
    host.send(request_text("1", "initialize", R"({"protocolVersion":"2025-11-25"})"));
    host.receive();
    host.send(notification_text("notifications/initialized"));
  }
  host.send(request_text("2", "tools/list", modern ? "{" + meta() + "}" : "{}"));
  CHECK(host.receive().value_or("").find("old") != std::string::npos);
  host.send(request_text("3", "tools/call", R"({"name":"old")" + (modern ? "," + meta() : "") + "}"));
  const auto told = [&] {
    const auto all = host.written();
    return std::count_if(all.begin(), all.end(),
                         [](const auto& line) { return line.find(tools_changed) != std::string::npos; });
  };
  CHECK(eventually([&] { return told() > 0 && rig.reception.surveyed(); }));
  host.close();
  running.join();
  CHECK(told() == 1);
}
