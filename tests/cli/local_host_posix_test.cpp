#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"
#include "support/messages.h"
#include "support/processes.h"
#include "support/scripted_remote.h"

using namespace clickflow;
using namespace clickflow::testing;

TEST_CASE("What a command has printed and its status stay, though a thread is stuck at the end") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Processes processes;
  processes.start([&] {
    ::dup2(ends[1], STDOUT_FILENO);
    ScriptedRemote remote;
    remote.on(
        "tools/call",
        [](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
          receiver.on_message(response_to(said));
          for (;;) ::pause();
        });
    cli::LocalHost host(remote, {});
    if (!host.request("tools/call", R"({"name":"a.b"})")) return 99;
    cli::print("an answer");
    return host.end(3);
  });
  CHECK(processes.wait_for_all(patience) == std::vector<int>{3});
  ::close(ends[1]);
  char block[64];
  const ssize_t count = ::read(ends[0], block, sizeof block);
  ::close(ends[0]);
  CHECK(std::string(block, static_cast<size_t>(std::max<ssize_t>(count, 0))) == "an answer\n");
}
