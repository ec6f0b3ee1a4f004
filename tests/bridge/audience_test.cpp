#include "clickflow/bridge/audience.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <thread>

#include "support/messages.h"
#include "support/waiting.h"

using namespace clickflow;
using bridge::Audience;
using clickflow::testing::Collected;

namespace {

const std::string tools_changed = "notifications/tools/list_changed";
const std::string prompts_changed = "notifications/prompts/list_changed";
const std::string plain = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

}  // namespace

TEST_CASE("A legacy host hears of every list, untagged") {
  Audience audience;
  Collected host;
  Audience::Member member(audience, host);
  member.begin();
  audience.tell(tools_changed);
  audience.tell(prompts_changed);
  REQUIRE(host.messages.size() == 2);
  CHECK(host.messages[0] == plain);
}

TEST_CASE("A subscription hears of what is in its filter, under its id") {
  Audience audience;
  Collected host;
  Audience::Member member(
      audience, host, "\"sub\"",
      R"({"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":[]})");
  CHECK(member.list_filter() == R"({"toolsListChanged":true})");
  member.begin();
  audience.tell(prompts_changed);
  CHECK(host.messages.empty());
  audience.tell(tools_changed);
  REQUIRE(host.messages.size() == 1);
  CHECK(host.messages[0].find(R"("io.modelcontextprotocol/subscriptionId":"sub")") != std::string::npos);
}

TEST_CASE("Nobody is told anything before he has begun, or after he has gone") {
  Audience audience;
  Collected host, other;
  Audience::Member present(audience, other);
  present.begin();
  {
    Audience::Member member(audience, host);
    audience.tell(tools_changed);
    CHECK(host.messages.empty());
    member.begin();
    CHECK(host.messages.empty());  // the other one has heard it
  }
  audience.tell(tools_changed);
  CHECK(host.messages.empty());
  CHECK(other.messages.size() == 2);
}

TEST_CASE("What nobody has heard is told to the next one who wants to hear it, once") {
  Audience audience;
  audience.tell(tools_changed);
  audience.tell(tools_changed);
  Collected uninterested, host, late;
  Audience::Member prompts(audience, uninterested, "1", R"({"promptsListChanged":true})");
  prompts.begin();
  CHECK(uninterested.messages.empty());
  Audience::Member member(audience, host);
  member.begin();
  CHECK(host.messages.size() == 1);
  Audience::Member another(audience, late);
  another.begin();
  CHECK(late.messages.empty());
}

TEST_CASE("Messages that are not about lists are the legacy host's only") {
  Audience audience;
  Collected host, subscription;
  Audience::Member legacy(audience, host);
  Audience::Member modern(audience, subscription, "1", R"({"toolsListChanged":true})");
  legacy.begin();
  modern.begin();
  audience.pass(clickflow::testing::notification("notifications/message"));
  CHECK(host.messages.size() == 1);
  CHECK(subscription.messages.empty());
}

TEST_CASE("Who goes while he is being told something waits for the end of it") {
  struct Slow : remote::Receiver {
    void on_message(mcp::Message) override {
      inside = true;
      clickflow::testing::eventually([this] { return let_go.load(); });
      inside = false;
    }
    std::atomic<bool> inside = false, let_go = false;
  } host;
  Audience audience;
  auto member = std::make_unique<Audience::Member>(audience, host);
  member->begin();
  std::thread telling([&] { audience.tell(tools_changed); });
  CHECK(clickflow::testing::eventually([&] { return host.inside.load(); }));
  std::atomic<bool> left = false;
  std::thread leaving([&] {
    member.reset();
    CHECK_FALSE(host.inside);
    left = true;
  });
  CHECK_FALSE(left);
  host.let_go = true;
  leaving.join();
  telling.join();
  CHECK(left);
}

TEST_CASE("Whoever could not be told something leaves all the same") {
  struct Deaf : remote::Receiver {
    void on_message(mcp::Message) override { throw std::runtime_error("no"); }
  } host;
  Audience audience;
  Audience::Member member(audience, host);
  member.begin();
  CHECK_THROWS_AS(audience.tell(tools_changed), std::runtime_error);
  CHECK_THROWS_AS(audience.pass(testing::message(plain)), std::runtime_error);
}
