#include "clickflow/bridge/modern_request.h"

#include <array>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

std::string supported_revisions() {
  std::string list = "[";
  auto add = [&](std::string_view revision) {
    list += (list.size() > 1 ? "," : "") + json::encode(revision);
  };
  for (const auto revision : mcp::modern_revisions) add(revision);
  for (const auto revision : mcp::legacy_revisions) add(revision);
  return list + ']';
}

}  // namespace

std::optional<std::string> refuse_modern(const mcp::Message& request) {
  const mcp::RequestMeta meta(request);
  auto malformed = [&](std::string_view what) {
    return mcp::make_error(request.id(), mcp::invalid_params, what);
  };
  if (!json::is_string(meta.revision))
    return malformed("The request's _meta does not name a revision of the protocol.");
  const auto revision = json::decode(meta.revision);
  if (mcp::era_of_revision(revision) != mcp::Era::modern)
    return mcp::make_error(
        request.id(), mcp::unsupported_revision, "Unsupported protocol version",
        R"({"supported":)" + supported_revisions() + R"(,"requested":)" + json::encode(revision) + "}");
  if (!json::is_object(meta.client_capabilities))
    return malformed("The request's _meta does not say what the client is capable of.");
  if (request.method() == "ping")
    return mcp::make_error(request.id(), mcp::method_not_found, "This revision has no ping.");
  return {};
}

std::optional<MissingResultType> missing_result_type(std::string_view answer) {
  const auto result = json::member(answer, "result");
  if (!result || !json::is_object(*result) || json::member(*result, "resultType")) return {};
  const auto end = static_cast<size_t>(result->data() - answer.data()) + result->size() - 1;
  const bool is_empty = !json::Members(*result).next();
  return MissingResultType{end, is_empty ? R"("resultType":"complete")" : R"(,"resultType":"complete")"};
}

}  // namespace clickflow::bridge
