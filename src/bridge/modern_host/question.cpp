#include "question.h"

#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;

constexpr std::string_view elicitation = "elicitation/create";
constexpr std::string_view sampling = "sampling/createMessage";
constexpr std::string_view roots = "roots/list";

constexpr std::string_view links_required = "-32042";

bool is_by_link(std::string_view params) {
  const auto mode = json::member(params, "mode");
  return mode && json::says(*mode, "url");
}

}  // namespace

bool is_question(std::string_view method) {
  return method == elicitation || method == sampling || method == roots;
}

Question question_of(const mcp::Message& request) {
  Question question{std::string(request.id()), request.method(), std::string(request.params())};
  // A host that declares no tasks is not asked as one (2025-11-25, "Tasks", Capability Negotiation).
  question.params = json::without_member(question.params, "task");
  if (question.method == elicitation && is_by_link(question.params))
    question.params = json::without_member(question.params, "elicitationId");
  return question;
}

bool takes_links(std::string_view capabilities) {
  const auto declared = json::member(capabilities, "elicitation");
  return declared && json::member(*declared, "url");
}

std::optional<Refusal> refuse(std::string_view capabilities, const Question& question) {
  if (!is_question(question.method) || mcp::is_taken_by(capabilities, question.method, question.params))
    return std::nullopt;
  const auto feature = question.method.substr(0, question.method.find('/'));
  // 2025-11-25, "Elicitation", Error Handling.
  if (question.method == elicitation && json::member(capabilities, feature))
    return Refusal{mcp::invalid_params, "The client has not declared that mode of elicitation."};
  return Refusal{mcp::method_not_found, "The client has not declared " + feature + " of this kind."};
}

std::optional<std::vector<Question>> required_links(std::string_view error) {
  const auto code = json::member(error, "code");
  if (!code || *code != links_required) return std::nullopt;
  std::vector<Question> questions;
  json::Elements elicitations(
      json::member(json::member(error, "data").value_or(""), "elicitations").value_or(""));
  while (const auto each = elicitations.next()) {
    if (!json::is_object(*each) || !json::member(*each, "url")) continue;
    questions.push_back({{}, std::string(elicitation), json::without_member(*each, "elicitationId")});
    auto& params = questions.back().params;
    if (!is_by_link(params)) params = json::with_member(params, "mode", R"("url")");
  }
  return questions;
}

std::string input_request(const Question& question) {
  return json::ObjectText()
      .add("method", json::encode(question.method))
      .add_if_any("params", question.params)
      .text();
}

}  // namespace clickflow::bridge::modern_host
