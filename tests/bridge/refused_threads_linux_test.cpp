#include <catch2/catch_test_macros.hpp>
#include <string>
#include <system_error>

#include "clickflow/bridge/change_streams.h"
#include "support/captured_descriptor.h"
#include "support/modern_host_rig.h"
#include "support/reception_rig.h"
#include "support/refused_threads_linux.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

bool comes(const CapturedDescriptor& log, const std::string& words) {
  return eventually([&] { return log.text().find(words) != std::string::npos; });
}

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
