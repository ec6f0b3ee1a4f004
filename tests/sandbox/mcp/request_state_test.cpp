#include "clickflow/sandbox/mcp/request_state.h"

#include <catch2/catch_test_macros.hpp>

#include "../support.h"

using namespace clickflow::sandbox;
using clickflow::sandbox::testing::Hands;
using std::chrono::seconds;

namespace {

struct Desk {
  Hands hands;
  RequestStates states{hands.clock()};
  std::string state = states.seal("key_1", "request", "content");
};

}  // namespace

TEST_CASE("A state gives its content back to whom it was given, for the same request") {
  Desk desk;
  CHECK(desk.states.open("key_1", "request", desk.state) == "content");
  CHECK(desk.states.open("key_1", "request", desk.state) == "content");
}

TEST_CASE("A state is refused from another caller, for another request, and by another sandbox") {
  Desk desk;
  CHECK_FALSE(desk.states.open("key_2", "request", desk.state));
  CHECK_FALSE(desk.states.open("key_1", "another", desk.state));
  CHECK_FALSE(desk.states.open("key_1request", "", desk.state));
  CHECK_FALSE(RequestStates(desk.hands.clock()).open("key_1", "request", desk.state));
}

TEST_CASE("A state that was changed anywhere is refused") {
  Desk desk;
  for (size_t at = 0; at < desk.state.size(); ++at) {
    CAPTURE(at);
    std::string changed = desk.state;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(desk.states.open("key_1", "request", changed));
  }
  for (const std::string& text :
       {std::string(), std::string("."), desk.state + "A", desk.state + ".A",
        desk.state.substr(0, desk.state.find('.')), desk.state.substr(desk.state.find('.'))}) {
    CAPTURE(text);
    CHECK_FALSE(desk.states.open("key_1", "request", text));
  }
}

TEST_CASE("A state is good for five minutes") {
  Desk desk;
  desk.hands.move(seconds(299));
  CHECK(desk.states.open("key_1", "request", desk.state));
  desk.hands.move(seconds(1));
  const auto opened = desk.states.open("key_1", "request", desk.state);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().find("expired") != std::string::npos);
}
