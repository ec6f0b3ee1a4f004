#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "clickflow/sandbox/tool_functions.h"

namespace clickflow::sandbox {
namespace {

using Kind = ToolAnswer::Kind;
using State = WorkflowStatus::State;

constexpr int look_every_ms = 50;
constexpr int report_step = 5;  // percent
constexpr auto follow_limit =
    std::chrono::minutes(5);  // then the call answers with what is known; the work goes on

constexpr const char* review_key = "decision";  // under which the question is asked and answered

Json review_data(const WorkflowStatus& status) {
  Json data{{"title", status.title}, {"decisions", decisions(status.review->type)}};
  if (status.review->type == "keywords_review") data["keywords"] = {status.keyword, "best " + status.keyword};
  return data;
}

std::string escaped(std::string_view text) {
  std::string html;
  for (char c : text) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '&':
        html += "&amp;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

Json output_of(const WorkflowStatus& status) {
  return {{"html", fmt::format("<h1>{}</h1><p>A draft about {}, made by the sandbox.</p>",
                               escaped(status.title), escaped(status.keyword))},
          {"title", status.title},
          {"meta_description", fmt::format("What to know about {}.", status.keyword)},
          {"thumbnail_url", "https://images.example/thumbnail.png"}};
}

Json to_json(const WorkflowStatus& status) {
  Json json{{"status", status.name()}};
  if (status.state == State::completed) {
    json["output"] = output_of(status);
  } else if (status.state == State::failed) {
    json["error"] = status.error;
  } else {
    json["progress"] = status.progress;
    json["currentAction"] = status.current_action;
  }
  if (status.review) {
    json["review"] = {
        {"type", status.review->type}, {"task_id", status.review->task_id}, {"data", review_data(status)}};
  }
  return json;
}

// Reports every step and each new action until the workflow stops, the call is cancelled, or the limit is
// reached.
void follow(const ToolCall& call, const std::string& id, WorkflowStatus& status) {
  const auto deadline = std::chrono::steady_clock::now() + follow_limit;
  int reported = -report_step;
  std::string action;
  for (;;) {
    const bool stops = status.waits_or_has_ended();
    const bool is_news =
        status.progress >= reported + report_step || status.current_action != action || stops;
    if (is_news && status.progress > reported) {  // MCP wants progress to rise, whatever the action is
      action = status.current_action;
      call.report(reported = status.progress, action);
    }
    if (stops || std::chrono::steady_clock::now() >= deadline) return;
    if (!call.cancellation.sleep(look_every_ms)) return;
    status = *call.platform.workflows.status(call.organization, id);
  }
}

// The question for a person: a form with the decisions that fit.
Json review_question(const WorkflowStatus& status) {
  const Json decision{{"type", "string"}, {"title", "Decision"}, {"enum", decisions(status.review->type)}};
  const Json schema{
      {"type", "object"}, {"properties", {{"decision", decision}}}, {"required", Json::array({"decision"})}};
  const std::string message = fmt::format("The draft \"{}\" waits for its {}. How shall it go on?",
                                          status.title, status.review->type);
  return {{"method", "elicitation/create"},
          {"params", {{"mode", "form"}, {"message", message}, {"requestedSchema", schema}}}};
}

ToolAnswer unknown_workflow(const std::string& id) {
  return {Kind::not_found, fmt::format("There is no workflow \"{}\" in this organization.", id)};
}

}  // namespace

ToolAnswer get_workflow_status(ToolCall& call, const Json& arguments) {
  const std::string id = arguments.at("workflow_id");
  auto status = call.platform.workflows.status(call.organization, id);
  if (!status) return unknown_workflow(id);
  if (call.report) follow(call, id, *status);
  return {Kind::done, to_text(to_json(*status))};
}

ToolAnswer resume_workflow(ToolCall& call, const Json& arguments) {
  const std::string id = arguments.at("workflow_id");
  const auto status =
      call.platform.workflows.resume(call.organization, id, arguments.at("decision").get<std::string>());
  if (!status) {
    return {status.error().code == ErrorCode::rejected ? Kind::conflict : Kind::invalid,
            status.error().message()};
  }
  return {Kind::done, to_text(to_json(*status))};
}

ToolAnswer review_workflow(ToolCall& call, const Json& arguments) {
  const std::string id = arguments.at("workflow_id");
  const auto status = call.platform.workflows.status(call.organization, id);
  if (!status) return unknown_workflow(id);
  if (!status->review) {
    return {Kind::conflict,
            fmt::format("The workflow does not wait for a review: its status is {}.", status->name())};
  }
  if (!call.input_responses.empty()) {
    const Json response = member(parse_json(call.input_responses), review_key);
    const Json action = member(response, "action");
    if (action == "decline" || action == "cancel") return {Kind::done, to_text(to_json(*status))};
    const Json decision = member(member(response, "content"), "decision");
    if (action == "accept" && decision.is_string()) {
      return resume_workflow(call, {{"workflow_id", id}, {"decision", decision}});
    }
  }
  return {Kind::asks, to_text({{review_key, review_question(*status)}})};
}

}  // namespace clickflow::sandbox
