#include "clickflow/sandbox/rest_face.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "clickflow/base/form.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

int status_of(ToolAnswer::Kind kind) {
  switch (kind) {
    case ToolAnswer::Kind::done:
      return 200;
    case ToolAnswer::Kind::invalid:
      return 400;
    case ToolAnswer::Kind::not_found:
      return 404;
    case ToolAnswer::Kind::conflict:
      return 409;
    case ToolAnswer::Kind::insufficient_scope:
    case ToolAnswer::Kind::foreign_organization:
      return 403;
    case ToolAnswer::Kind::asks:  // no tool that asks has a path
      break;
  }
  return 500;
}

// The arguments that the path has, or nothing where it is not this tool's.
std::optional<Json> match(std::string_view pattern, std::string_view path) {
  Json arguments = Json::object();
  for (;;) {
    const std::string_view expected = pattern.substr(0, pattern.find('/'));
    const std::string_view segment = path.substr(0, path.find('/'));
    if (expected.starts_with('{')) {
      arguments[std::string(expected.substr(1, expected.size() - 2))] = segment;
    } else if (expected != segment) {
      return std::nullopt;
    }
    if ((expected.size() == pattern.size()) != (segment.size() == path.size())) return std::nullopt;
    if (expected.size() == pattern.size()) return arguments;
    pattern.remove_prefix(expected.size() + 1);
    path.remove_prefix(segment.size() + 1);
  }
}

}  // namespace

RestFace::RestFace(const Platform& platform, SwitchedOrganizations& switched)
    : platform_(platform), switched_(switched) {}

Reply RestFace::handle(const Request& request, const Caller& caller) {
  const Tool* tool = nullptr;
  Json arguments;
  std::string allowed;
  for (const Tool& candidate : all_tools()) {
    if (!candidate.rest_path) continue;
    auto matched = match(candidate.rest_path, request.path);
    if (!matched) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(candidate.rest_method);
    if (request.method != candidate.rest_method) continue;
    tool = &candidate;
    arguments = *std::move(matched);
  }
  if (!tool && allowed.empty()) return detail_reply(404, "Not Found");
  if (!tool) {
    Reply reply = detail_reply(405, "Method Not Allowed");
    reply.headers = {{"Allow", allowed}};
    return reply;
  }

  // What is there already stays: the path counts before the body, and the body before the query.
  if (request.method == "POST") {
    if (!request.header("content-type").starts_with("application/json"))
      return detail_reply(415, "Content-Type must be application/json");
    const Json body = parse_json(request.body);
    if (!body.is_object()) return detail_reply(400, "The body must be a JSON object.");
    arguments.insert(body.begin(), body.end());
  }
  const auto query = Form::decode(request.query());
  if (!query) return detail_reply(400, "The query must be percent-encoded.");
  for (const auto& [name, value] : query->fields()) arguments.emplace(name, value);

  std::string organization =
      organization_for(caller, request.header("x-organization-id"), switched_.of(caller));
  const auto switch_to = [&](const std::string& wanted) { switched_.switch_to(caller, wanted); };
  ToolCall call{platform_, caller, std::move(organization), switch_to, {}, {}};
  const ToolAnswer answer = call_tool(*tool, call, arguments);

  using Kind = ToolAnswer::Kind;
  const bool is_json = answer.kind == Kind::done || answer.kind == Kind::foreign_organization;
  Reply reply = detail_reply(status_of(answer.kind), answer.text);
  if (is_json) reply.body = answer.text;
  reply.note = tool->name;
  return reply;
}

}  // namespace clickflow::sandbox
