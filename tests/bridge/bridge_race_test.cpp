#include <catch2/catch_test_macros.hpp>
#include <map>
#include <thread>

#include "clickflow/mcp/json.h"
#include "support/bridge_rig.h"
#include "support/random_text.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

constexpr int bridges = 125;
constexpr int calls_each = 24;

void dawdle(size_t amount) {
  if (amount < 4) return;
  if (amount < 8) return std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::microseconds(amount * 10));
}

// A remote whose every request ends as its own params say: by an answer, twice an answer, a failure, or
// never.
Result<void> as_told(const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion& occasion) {
  const auto number = [&](const char* name) { return std::stoul(std::string(said.param(name))); };
  dawdle(number("before"));
  const size_t how = number("how");
  if (how == 0) {
    while (occasion.cancellation.sleep(60'000)) continue;
    return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  }
  if (how == 1) return fail(ErrorCode::lost, "It broke.", "Mend it.");
  receiver.on_message(response_to(said, "{\"n\":1}"));
  dawdle(number("after"));
  if (how == 2) return fail(ErrorCode::lost, "It broke.", "Mend it.");
  return {};
}

struct Told {
  std::string id;
  size_t how = 0;
  bool cancelled = false;
};

// One conversation: requests, cancellations at any moment, and an end that may come before the answers.
void converse(unsigned seed) {
  RandomText random(seed);
  BridgeRig rig;
  for (const char* method : {"prompts/list", "resources/read"}) rig.remote.on(method, as_told);
  rig.start();
  std::vector<Told> told;
  for (int i = 0; i < calls_each; ++i) {
    // Few of those that never end: each costs the moment that is given to the last answers.
    Told call{std::to_string(i), random.chance(4) ? 0 : 1 + random.number(3), false};
    rig.host.send(request_text(call.id, random.chance(50) ? "prompts/list" : "resources/read",
                               "{\"how\":" + std::to_string(call.how) +
                                   ",\"before\":" + std::to_string(random.number(16)) +
                                   ",\"after\":" + std::to_string(random.number(12)) + "}"));
    call.cancelled = call.how == 0 || random.chance(30);
    told.push_back(call);
    if (random.chance(30)) dawdle(random.number(16));
    if (told[random.number(told.size() - 1)].cancelled || random.chance(50)) {
      for (const auto& other : told) {
        if (other.cancelled && random.chance(40))
          rig.host.send(notification_text("notifications/cancelled", "{\"requestId\":" + other.id + "}"));
      }
    }
  }
  for (const auto& call : told) {
    if (call.cancelled)
      rig.host.send(notification_text("notifications/cancelled", "{\"requestId\":" + call.id + "}"));
  }
  if (random.chance(50)) dawdle(random.number(40));
  if (!rig.end()) FAIL("the bridge did not end");

  std::map<std::string, int> answers;
  for (const auto& line : rig.host.written()) ++answers[std::string(message(line).id())];
  for (const auto& call : told) {
    CAPTURE(seed, call.id, call.how, call.cancelled);
    // A cancelled one may have been answered before.
    const int count = answers[call.id];
    if (count > 1) FAIL("answered twice");
    if (count == 0 && !call.cancelled) FAIL("not answered");
    if (count == 1 && call.how == 0) FAIL("answered by nobody");
    answers.erase(call.id);
  }
  if (!answers.empty()) FAIL("an answer to nothing");
}

}  // namespace

TEST_CASE(
    "Whatever comes first, response, failure, cancellation or the end: each request gets one answer at most, "
    "and one if nobody gave it up") {
  for (unsigned seed = 1; seed <= bridges; ++seed) converse(seed);
}

TEST_CASE("A call that is cancelled, answered and ended in the same moment is answered at most once") {
  for (int round = 0; round < 300; ++round) {
    BridgeRig rig;
    std::atomic<bool> go = false;
    rig.remote.on(
        "prompts/list",
        [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
          while (!go) std::this_thread::yield();
          receiver.on_message(response_to(said));
          return {};
        });
    rig.start();
    rig.host.send(request_text("1", "prompts/list"));
    rig.remote.wait_for_count("prompts/list", 1);
    std::thread canceller([&] {
      while (!go) std::this_thread::yield();
      rig.host.send(notification_text("notifications/cancelled", "{\"requestId\":1}"));
    });
    go = true;
    if (round % 3 == 0) rig.host.close();
    canceller.join();
    rig.end();
    if (rig.host.written().size() > 1) FAIL("answered twice");
  }
}
