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
  std::string state = states.make("key_1", "request");
};

}  // namespace

TEST_CASE("A state is good for whom it was made, for the same request") {
  Desk desk;
  CHECK_FALSE(desk.states.problem_with(desk.state, "key_1", "request"));
  CHECK_FALSE(desk.states.problem_with(desk.state, "key_1", "request"));
}

TEST_CASE("A state is refused from another caller, for another request, and by another sandbox") {
  Desk desk;
  CHECK(desk.states.problem_with(desk.state, "key_2", "request"));
  CHECK(desk.states.problem_with(desk.state, "key_1", "another"));
  CHECK(desk.states.problem_with(desk.state, "key_1request", ""));
  CHECK(RequestStates(desk.hands.clock()).problem_with(desk.state, "key_1", "request"));
}

TEST_CASE("A state that was changed anywhere is refused") {
  Desk desk;
  for (size_t at = 0; at < desk.state.size(); ++at) {
    CAPTURE(at);
    std::string changed = desk.state;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK(desk.states.problem_with(changed, "key_1", "request"));
  }
  for (const std::string& text :
       {std::string(), std::string("."), desk.state + "A", desk.state + ".A",
        desk.state.substr(0, desk.state.find('.')), desk.state.substr(desk.state.find('.'))}) {
    CAPTURE(text);
    CHECK(desk.states.problem_with(text, "key_1", "request"));
  }
}

TEST_CASE("A state is good for five minutes") {
  Desk desk;
  desk.hands.move(seconds(299));
  CHECK_FALSE(desk.states.problem_with(desk.state, "key_1", "request"));
  desk.hands.move(seconds(1));
  const auto problem = desk.states.problem_with(desk.state, "key_1", "request");
  REQUIRE(problem);
  CHECK(problem->find("expired") != std::string::npos);
}
