#include "clickflow/sandbox/workflows.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr double drafting_seconds = 8;
constexpr double review_at = 45;   // percent: after the outline, as long as a change is cheap
constexpr double failure_at = 70;  // percent

struct Stage {
  double until;  // percent
  const char* action;
};
constexpr Stage stages[] = {{25, "Researching the keyword"},
                            {review_at, "Outlining the article"},
                            {85, "Writing the draft"},
                            {100, "Checking facts and links"}};

const char* action_at(double percent) {
  return std::find_if(std::begin(stages), std::end(stages) - 1,
                      [&](const Stage& s) { return percent < s.until; })
      ->action;
}

}  // namespace

const std::vector<std::string>& review_types() {
  static const std::vector<std::string> types{"implementation_spec_review", "answer_review",
                                              "keywords_review", "internal_link_review"};
  return types;
}

std::vector<std::string> decisions(std::string_view review_type) {
  if (review_type == "implementation_spec_review") return {"approve", "request_changes", "reject"};
  if (review_type == "answer_review") return {"approve", "rewrite", "reject"};
  if (review_type == "keywords_review") return {"approve", "replace", "reject"};
  if (review_type == "internal_link_review") return {"approve", "skip", "reject"};
  return {};
}

const char* WorkflowStatus::name() const {
  switch (state) {
    case State::in_progress:
      return "In Progress";
    case State::human_review:
      return "Human Review";
    case State::completed:
      return "Completed";
    case State::failed:
      return "Failed";
  }
  return "";
}

Workflows::Workflows(Clock clock, double speed) : clock_(std::move(clock)), speed_(speed) {}

std::string Workflows::start(DraftRequest request) {
  std::string id = "wf_" + random_text(10);
  std::lock_guard lock(mutex_);
  workflows_.emplace(id, Workflow{std::move(request), "task_" + random_text(8), clock_(), {}, {}});
  return id;
}

WorkflowStatus Workflows::status_of(const Workflow& workflow) const {
  using State = WorkflowStatus::State;
  const auto percent_since = [&](Time time) {
    return std::chrono::duration<double>(clock_() - time).count() * speed_ / drafting_seconds * 100;
  };
  const DraftRequest& request = workflow.request;
  WorkflowStatus status;
  status.keyword = request.keyword;
  status.title = request.title;

  double percent = std::max(0.0, percent_since(workflow.started));
  if (!request.review.empty() && percent >= review_at) {
    percent = workflow.resumed ? review_at + std::max(0.0, percent_since(*workflow.resumed)) : review_at;
    if (!workflow.resumed) {
      status.state = State::human_review;
      status.review = Review{request.review, workflow.task_id};
    } else if (workflow.decision == "reject") {
      status.state = State::failed;
      status.error = "The " + request.review + " was rejected.";
      percent = review_at;
    }
  }
  if (status.state == State::in_progress && request.fails && percent >= failure_at) {
    status.state = State::failed;
    status.error = "The draft of \"" + request.keyword + "\" could not be written.";
    percent = failure_at;
  }
  if (status.state == State::in_progress && percent >= 100) status.state = State::completed;
  status.progress = static_cast<int>(std::min(percent, 100.0));
  switch (status.state) {
    case State::in_progress:
      status.current_action = action_at(percent);
      break;
    case State::human_review:
      status.current_action = "Waiting for a person";
      break;
    case State::completed:
      status.current_action = "Done";
      break;
    case State::failed:
      status.current_action = "Stopped";
      break;
  }
  return status;
}

std::optional<WorkflowStatus> Workflows::status(std::string_view organization, std::string_view id) const {
  std::lock_guard lock(mutex_);
  const auto found = workflows_.find(id);
  if (found == workflows_.end() || found->second.request.organization != organization) return std::nullopt;
  return status_of(found->second);
}

Result<WorkflowStatus> Workflows::resume(std::string_view organization, std::string_view id,
                                         std::string_view decision) {
  std::lock_guard lock(mutex_);
  const auto found = workflows_.find(id);
  if (found == workflows_.end() || found->second.request.organization != organization) {
    return fail(ErrorCode::invalid_input, fmt::format("There is no workflow \"{}\".", id),
                "platform.list_roadmap_items shows the workflows of this organization.");
  }
  Workflow& workflow = found->second;
  const WorkflowStatus status = status_of(workflow);
  if (status.state != WorkflowStatus::State::human_review) {
    return fail(ErrorCode::rejected,
                fmt::format("The workflow does not wait for a review: its status is {}.", status.name()),
                "workflows.get_status says when it does.");
  }
  const auto fitting = decisions(status.review->type);
  if (std::find(fitting.begin(), fitting.end(), decision) == fitting.end()) {
    return fail(ErrorCode::invalid_input,
                fmt::format("\"{}\" is no decision for a {}.", decision, status.review->type),
                fmt::format("Decide one of: {}.", fmt::join(fitting, ", ")));
  }
  workflow.resumed = clock_();
  workflow.decision = decision;
  return status_of(workflow);
}

}  // namespace clickflow::sandbox
