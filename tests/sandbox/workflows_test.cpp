#include "clickflow/sandbox/workflows.h"

#include <catch2/catch_test_macros.hpp>

#include "support.h"

using namespace clickflow::sandbox;
using State = WorkflowStatus::State;
using std::chrono::seconds;

namespace {

DraftRequest draft(std::string review = "", bool fails = false) {
  return {"org_abc123", "tea", "Tea", std::move(review), fails};
}

struct Desk {
  clickflow::sandbox::testing::Hands hands;
  Workflows workflows{hands.clock(), 1};
  WorkflowStatus status(const std::string& id) { return *workflows.status("org_abc123", id); }
};

}  // namespace

TEST_CASE("A draft advances with the clock and is completed after 8 seconds") {
  Desk desk;
  const auto id = desk.workflows.start(draft());
  CHECK(desk.status(id).progress == 0);
  CHECK(desk.status(id).current_action == "Researching the keyword");
  desk.hands.move(seconds(4));
  CHECK(desk.status(id).progress == 50);
  CHECK(desk.status(id).state == State::in_progress);
  CHECK(desk.status(id).current_action == "Writing the draft");
  desk.hands.move(seconds(4));
  CHECK(desk.status(id).state == State::completed);
  CHECK(desk.status(id).progress == 100);
}

TEST_CASE("Speed shortens a draft") {
  clickflow::sandbox::testing::Hands hands;
  Workflows workflows(hands.clock(), 4);
  const auto id = workflows.start(draft());
  hands.move(seconds(2));
  CHECK(workflows.status("org_abc123", id)->state == State::completed);
}

TEST_CASE("A draft waits for its review as long as it takes, then goes on where it was") {
  Desk desk;
  const auto id = desk.workflows.start(draft("keywords_review"));
  desk.hands.move(std::chrono::hours(48));
  REQUIRE(desk.status(id).state == State::human_review);
  CHECK(desk.status(id).review->type == "keywords_review");
  CHECK(desk.status(id).progress == 45);
  REQUIRE(desk.workflows.resume("org_abc123", id, "replace"));
  CHECK(desk.status(id).state == State::in_progress);
  CHECK(desk.status(id).progress == 45);
  CHECK_FALSE(desk.status(id).review);
  desk.hands.move(seconds(2));
  CHECK(desk.status(id).progress == 70);
  desk.hands.move(seconds(3));
  CHECK(desk.status(id).state == State::completed);
}

TEST_CASE("A rejected review ends the draft") {
  Desk desk;
  const auto id = desk.workflows.start(draft("answer_review"));
  desk.hands.move(seconds(5));
  REQUIRE(desk.workflows.resume("org_abc123", id, "reject"));
  desk.hands.move(seconds(60));
  CHECK(desk.status(id).state == State::failed);
  CHECK(desk.status(id).error == "The answer_review was rejected.");
}

TEST_CASE("A decision has to fit the type of the review") {
  Desk desk;
  const auto id = desk.workflows.start(draft("internal_link_review"));
  desk.hands.move(seconds(5));
  const auto resumed = desk.workflows.resume("org_abc123", id, "rewrite");
  REQUIRE_FALSE(resumed);
  CHECK(resumed.error().code == clickflow::ErrorCode::invalid_input);
  CHECK(desk.status(id).state == State::human_review);
  for (const auto& type : review_types()) CHECK(decisions(type).size() == 3);
}

TEST_CASE("Only a workflow that waits can be resumed") {
  Desk desk;
  const auto id = desk.workflows.start(draft("answer_review"));
  const auto early = desk.workflows.resume("org_abc123", id, "approve");
  REQUIRE_FALSE(early);
  CHECK(early.error().code == clickflow::ErrorCode::rejected);
  desk.hands.move(seconds(5));
  REQUIRE(desk.workflows.resume("org_abc123", id, "approve"));
  CHECK_FALSE(desk.workflows.resume("org_abc123", id, "approve"));
}

TEST_CASE("A draft that fails says why") {
  Desk desk;
  const auto id = desk.workflows.start(draft("", true));
  desk.hands.move(seconds(8));
  CHECK(desk.status(id).state == State::failed);
  CHECK(desk.status(id).error == "The draft of \"tea\" could not be written.");
  CHECK(desk.status(id).progress == 70);
}

TEST_CASE("Another organization's workflow is not there") {
  Desk desk;
  const auto id = desk.workflows.start(draft("answer_review"));
  desk.hands.move(seconds(5));
  CHECK_FALSE(desk.workflows.status("org_xyz789", id));
  CHECK_FALSE(desk.workflows.resume("org_xyz789", id, "approve"));
}
