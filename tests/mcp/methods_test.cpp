#include "clickflow/mcp/methods.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::mcp;

TEST_CASE("Only what reads, or sets what is set already, may be repeated") {
  for (const char* method :
       {"initialize", "ping", "tools/list", "prompts/list", "prompts/get", "resources/list", "resources/read",
        "resources/templates/list", "resources/subscribe", "resources/unsubscribe", "completion/complete",
        "logging/setLevel", "server/discover"}) {
    CAPTURE(method);
    CHECK(may_repeat(method));
  }
  for (const char* method :
       {"tools/call", "", "tools", "tools/list ", "Tools/List", "notifications/initialized",
        "sampling/createMessage", "tasks/cancel", "unknown/method"}) {
    CAPTURE(method);
    CHECK_FALSE(may_repeat(method));
  }
}

TEST_CASE("A subscription may not be repeated by itself, and a lost one does no harm") {
  CHECK_FALSE(may_repeat("subscriptions/listen"));
  CHECK(is_harmless("subscriptions/listen"));
  CHECK(is_harmless("tools/list"));
  CHECK_FALSE(is_harmless("tools/call"));
  CHECK_FALSE(is_harmless("unknown/method"));
}
