#include "question.h"

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

std::optional<Refusal> undeclared(std::string_view what) {
  return Refusal{mcp::method_not_found, "The client has not declared " + std::string(what) + "."};
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
  if (question.method == roots && !json::member(capabilities, "roots")) return undeclared("roots");
  if (question.method == sampling) {
    const auto declared = json::member(capabilities, "sampling");
    if (!declared) return undeclared("sampling");
    const bool with_tools =
        json::member(question.params, "tools") || json::member(question.params, "toolChoice");
    if (with_tools && !json::member(*declared, "tools")) return undeclared("sampling with tools");
  }
  if (question.method == elicitation) {
    const auto declared = json::member(capabilities, "elicitation");
    if (!declared) return undeclared("elicitation");
    // One that names no mode takes forms.
    const bool takes = is_by_link(question.params)
                           ? takes_links(capabilities)
                           : !takes_links(capabilities) || json::member(*declared, "form").has_value();
    // 2025-11-25, "Elicitation", Error Handling.
    if (!takes) return Refusal{mcp::invalid_params, "The client has not declared that mode of elicitation."};
  }
  return std::nullopt;
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
  std::string request = R"({"method":)" + json::encode(question.method);
  if (!question.params.empty()) request += R"(,"params":)" + question.params;
  return request + '}';
}

std::string input_required(std::string_view inputs, std::string_view state) {
  std::string result = R"({"resultType":"input_required","inputRequests":)";
  return result.append(inputs).append(R"(,"requestState":)").append(json::encode(state)).append("}");
}

}  // namespace clickflow::bridge::modern_host
