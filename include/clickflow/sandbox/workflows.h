#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// A point at which a workflow waits for a person.
struct Review {
  std::string type;  ///< one of review_types()
  std::string task_id;
};

struct DraftRequest {
  std::string organization;
  std::string keyword;
  std::string title;
  std::string review;  ///< the review at which to pause; empty for none
  bool fails = false;
};

struct WorkflowStatus {
  enum class State { in_progress, human_review, completed, failed };
  State state = State::in_progress;
  int progress = 0;  ///< percent; never goes back
  std::string current_action;
  std::optional<Review> review;  ///< with human_review
  std::string error;             ///< with failed
  std::string keyword;
  std::string title;

  const char* name() const;  ///< as the document writes it: `In Progress`, …
  bool waits_or_has_ended() const { return state != State::in_progress; }
};

/// Drafting, which takes 8 s at speed 1 where ClickFlow takes 3 to 20 minutes. No thread works at it: where a
/// workflow has got to follows from when it was started and resumed, so that a test's clock moves it. Any
/// thread may call anything.
class Workflows {
 public:
  /// `speed` is more than 0; at 2 everything takes half the time.
  Workflows(Clock clock, double speed);

  /// Returns its id, wf_….
  std::string start(DraftRequest request);

  /// Nothing where that organization has no such workflow.
  std::optional<WorkflowStatus> status(std::string_view organization, std::string_view id) const;

  /// Goes on after a review; with `reject` it fails. `invalid_input` where there is no such workflow, or the
  /// decision is none of decisions(); `rejected` where it does not wait for a review.
  Result<WorkflowStatus> resume(std::string_view organization, std::string_view id,
                                std::string_view decision);

 private:
  struct Workflow {
    DraftRequest request;
    std::string task_id;
    Time started;
    std::optional<Time> resumed;
    std::string decision;
  };

  WorkflowStatus status_of(const Workflow& workflow) const;

  const Clock clock_;
  const double speed_;
  mutable std::mutex mutex_;
  std::map<std::string, Workflow, std::less<>> workflows_;
};

const std::vector<std::string>& review_types();

/// What a person may decide in a review of this type; empty for an unknown type.
std::vector<std::string> decisions(std::string_view review_type);

}  // namespace clickflow::sandbox
