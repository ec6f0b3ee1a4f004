#include <catch2/catch_test_macros.hpp>
#include <string>
#include <system_error>
#include <thread>

#include "clickflow/bridge/change_streams.h"
#include "support/captured_descriptor.h"
#include "support/modern_host_rig.h"
#include "support/reception_rig.h"
#include "support/refused_threads_linux.h"
#include "support/scripted_remote.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

bool comes(const CapturedDescriptor& log, const std::string& words) {
  return eventually([&] { return log.text().find(words) != std::string::npos; });
}

// Agrees, and goes on until it is cancelled.
Result<void> lasting(const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
  receiver.on_message(notification("notifications/subscriptions/acknowledged",
                                   R"({"notifications":)" + std::string(asked.param("notifications")) + "}"));
  while (occasion.cancellation.sleep(60'000)) continue;
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

constexpr auto uri = R"("roadmap://1")";

}  // namespace

TEST_CASE("A call that gets no thread is none of its session's calls") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const LegacyServer::Call& call) {
    const auto question = rig.server.ask_unasked(0, "roots/list");
    call.wait_for_answer(question);
    return "{}";
  });
  rig.send(modern_request("1", "tools/list"));
  {
    const RefusedThreads refused;
    Collected nobody;
    CHECK_THROWS_AS(rig.translator().send(modern_request("2", "tools/call"), nobody, {}), std::system_error);
  }
  CHECK(asks_for_input(rig.send(modern_request("3", "tools/call"))));
}

TEST_CASE("A session whose stream gets no thread is begun anew by the next request") {
  ModernHostRig rig;
  {
    const RefusedThreads refused;
    Collected nobody;
    const auto sent = rig.translator().send(modern_request("1", "tools/list"), nobody, {});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == ErrorCode::system);
  }
  rig.send(modern_request("2", "tools/list"));
  const auto question = rig.server.ask_unasked(0, "ping");
  CHECK(rig.server.answer_to(question));
}

TEST_CASE("What is done behind is done later where the system gave no thread for it") {
  const TemporaryFolder folder;
  ReceptionRig rig(folder.path());
  rig.server.hang("initialize");
  rig.greet();
  REQUIRE(eventually([&] { return rig.server.count("initialize") == 1; }));
  {
    const CapturedDescriptor log(2);
    const RefusedThreads refused;
    rig.server.release();
    REQUIRE(comes(log, "what is done behind is put off"));
  }
  CHECK(rig.settled());
}

TEST_CASE("Streams that the system gives no thread for begin once there is one") {
  ScriptedRemote server;
  server.on("subscriptions/listen", lasting);
  bridge::ChangeStreams streams(server, [] { return std::string("{}"); });
  Collected host;
  const Cancellation ending;
  Flag go;
  std::thread listener([&] {
    go.wait();
    streams.run(R"({"toolsListChanged":true})", host, ending);
  });
  {
    const CapturedDescriptor log(2);
    const RefusedThreads refused;
    const Cancellation at_once;
    at_once.cancel();
    CHECK_FALSE(streams.subscribe(uri, at_once));
    go.raise();
    CHECK(comes(log, "the system gives no thread"));
  }
  CHECK(streams.subscribe(uri, {}));
  CHECK(server.wait_for_count("subscriptions/listen", 2));
  ending.cancel();
  listener.join();
}
