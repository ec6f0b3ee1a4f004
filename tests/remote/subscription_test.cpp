#include "../../src/remote/subscription.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/messages.h"

using namespace clickflow;
using namespace clickflow::testing;
using remote::Subscription;

namespace {

const std::string again = "\"clickflow-mcp/again/1\"";

std::string tag(const std::string& id) {
  return R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}";
}
std::string tagged(const std::string& method, const std::string& id, const std::string& members = {}) {
  return notification_text(method, "{" + tag(id) + members + "}");
}
std::string acknowledged(const std::string& id, const std::string& filter) {
  return tagged("notifications/subscriptions/acknowledged", id, ",\"notifications\":" + filter);
}
std::string tools_changed(const std::string& id) {
  return tagged("notifications/tools/list_changed", id);
}

struct Streams {
  std::vector<std::string> take(const std::string& notification) {
    std::vector<std::string> texts;
    for (const auto& each : subscription.take(message(notification))) texts.push_back(each.text());
    return texts;
  }
  const mcp::Message asked = request("7", "subscriptions/listen");
  Subscription subscription{asked};
};
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("The first stream of a subscription passes as it is") {
  Streams streams;
  streams.subscription.begin("7");
  const auto agreed = acknowledged("7", R"({"toolsListChanged":true})");
  CHECK(streams.take(agreed) == Texts{agreed});
  CHECK_FALSE(streams.subscription.brought_news());
  CHECK(streams.take(tools_changed("7")) == Texts{tools_changed("7")});
  CHECK(streams.subscription.brought_news());
}

TEST_CASE("What a later stream says has the host's id in it, and so has what lacked it") {
  Streams streams;
  streams.subscription.begin(again);
  CHECK(streams.take(tools_changed(again)) == Texts{tools_changed("7")});
  CHECK(streams.take(notification_text("notifications/tools/list_changed")) == Texts{tools_changed("7")});
  CHECK(
      streams.take(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})") ==
      Texts{R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)" + tag("7") + "}}"});
}

TEST_CASE("After a stream that broke all that is subscribed to may have changed, and is said to have") {
  Streams streams;
  const std::string filter =
      R"({"toolsListChanged":true,"promptsListChanged":true,)"
      R"("resourcesListChanged":true,"resourceSubscriptions":["file:///b","file:///a"]})";
  streams.subscription.begin("7");
  REQUIRE(streams.take(acknowledged("7", filter)).size() == 1);
  streams.subscription.begin(again);
  CHECK(
      streams.take(acknowledged(again, filter)) ==
      Texts{tools_changed("7"), tagged("notifications/prompts/list_changed", "7"),
            tagged("notifications/resources/list_changed", "7"),
            notification_text("notifications/resources/updated", R"({"uri":"file:///a",)" + tag("7") + "}"),
            notification_text("notifications/resources/updated", R"({"uri":"file:///b",)" + tag("7") + "}")});
  CHECK_FALSE(streams.subscription.brought_news());
  CHECK(streams.take(acknowledged(again, filter)).empty());
}

TEST_CASE("Nothing was missed that was never subscribed to") {
  Streams streams;
  streams.subscription.begin("7");
  streams.subscription.begin(again);
  CHECK(streams.take(acknowledged(again, R"({"toolsListChanged":true})")) ==
        Texts{acknowledged("7", R"({"toolsListChanged":true})")});
  streams.subscription.begin("\"clickflow-mcp/again/2\"");
  CHECK(streams.take(acknowledged(again, R"({"toolsListChanged":true,"promptsListChanged":false})")) ==
        Texts{tools_changed("7")});
}

TEST_CASE("A later agreement is news only where it agrees on something else") {
  struct Row {
    const char* first;
    const char* second;
    bool news;
  };
  const auto row = GENERATE(
      Row{R"({"toolsListChanged":true})", R"({ "tools\u004cistChanged" : true, "promptsListChanged":false})",
          false},
      Row{R"({"resourceSubscriptions":["a","b"]})", R"({"resourceSubscriptions":["b","a"]})", false},
      Row{R"({"resourceSubscriptions":[]})", "{}", false},
      Row{R"({"resourceSubscriptions":["a","b"]})", R"({"resourceSubscriptions":["a"]})", true},
      Row{R"({"toolsListChanged":true})", "{}", true}, Row{"{}", R"({"promptsListChanged":true})", true},
      Row{R"({"taskIds":["a"]})", R"({"taskIds":["b"]})", true});
  CAPTURE(row.first, row.second);
  Streams streams;
  streams.subscription.begin("7");
  REQUIRE(streams.take(acknowledged("7", row.first)).size() == 1);
  streams.subscription.begin(again);
  const auto said = streams.take(acknowledged(again, row.second));
  const bool news = !said.empty() && said[0] == acknowledged("7", row.second);
  CHECK(news == row.news);
}

TEST_CASE("The answer that ends a subscription has the host's id in it") {
  Streams streams;
  streams.subscription.begin(again);
  const auto answer =
      message(mcp::make_result("7", R"({"resultType":"complete",)" + tag(again) + R"(,"x":1.0})"));
  CHECK(streams.subscription.ended_by(answer).text() ==
        mcp::make_result("7", R"({"resultType":"complete",)" + tag("7") + R"(,"x":1.0})"));
  for (const auto& other : {mcp::make_result("7", "{}"), mcp::make_error("7", mcp::internal_error, "no")})
    CHECK(streams.subscription.ended_by(message(other)).text() == other);
}

TEST_CASE("A server may end a subscription by a notification, which stands for the answer") {
  Streams streams;
  streams.subscription.begin(again);
  CHECK(streams.take(notification_text("notifications/cancelled", R"({"requestId":"other"})")).empty());
  CHECK_FALSE(streams.subscription.cancelled());
  CHECK(streams.take(notification_text("notifications/cancelled", R"({"requestId":)" + again + "}")).empty());
  CHECK(streams.subscription.cancelled());
  CHECK(streams.subscription.end().text() ==
        mcp::make_result("7", R"({"resultType":"complete",)" + tag("7") + "}"));
}
