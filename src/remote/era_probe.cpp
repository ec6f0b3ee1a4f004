#include "clickflow/remote/era_probe.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"
#include "exchange.h"
#include "request_headers.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

constexpr size_t most_revisions_told = 10;
constexpr size_t longest_revision_told = 40;

mcp::Message probing_request(std::string_view client_meta) {
  std::string meta = json::with_member(client_meta, mcp::meta::revision, json::encode(mcp::modern_revision));
  if (!json::member(meta, mcp::meta::client_capabilities))
    meta = json::with_member(meta, mcp::meta::client_capabilities, "{}");
  return mcp::Message::of(
      mcp::make_request("\"clickflow-mcp/probe\"", "server/discover", "{\"_meta\":" + meta + "}"));
}

// Nothing where `list` is no list.
std::optional<std::vector<std::string>> strings_of(std::optional<std::string_view> list) {
  if (!list || !json::is_array(*list)) return {};
  std::vector<std::string> strings;
  json::Elements elements(*list);
  while (const auto element = elements.next())
    if (json::is_string(*element)) strings.push_back(json::decode(*element));
  return strings;
}

// What an UnsupportedProtocolVersionError says is spoken; nothing for any other error.
std::optional<std::vector<std::string>> supported_by(std::string_view error) {
  if (!mcp::is_error(error, mcp::unsupported_revision)) return {};
  return strings_of(json::member(json::member(error, "data").value_or(""), "supported"));
}

template <class Ours>
std::string newest_common(const Ours& ours, const std::vector<std::string>& theirs) {
  for (const auto revision : ours)
    if (std::find(theirs.begin(), theirs.end(), revision) != theirs.end()) return std::string(revision);
  return {};
}

Result<RemoteEra> common_revision(const std::vector<std::string>& theirs) {
  if (auto revision = newest_common(mcp::modern_revisions, theirs); !revision.empty())
    return RemoteEra{mcp::Era::modern, std::move(revision), {}};
  if (auto revision = newest_common(mcp::legacy_revisions, theirs); !revision.empty())
    return RemoteEra{mcp::Era::legacy, std::move(revision), {}};
  std::string list;
  for (size_t i = 0; i < std::min(theirs.size(), most_revisions_told); ++i)
    list += (i == 0 ? " " : ", ") + log::redact(theirs[i].substr(0, longest_revision_told));
  return fail(ErrorCode::rejected,
              list.empty() ? "The server names no revision of MCP that it speaks."
                           : "The server speaks MCP only in revisions that are not known here:" + list + ".",
              "Update clickflow-mcp; if that does not help, tell whoever runs the server.");
}

Result<RemoteEra> discovered(std::string_view result) {
  const auto theirs = strings_of(json::member(result, "supportedVersions"));
  if (!theirs) return RemoteEra{};
  // It has just answered in this revision, whatever it forgot to say.
  auto era = theirs->empty() ? RemoteEra{mcp::Era::modern, std::string(mcp::modern_revision), {}}
                             : common_revision(*theirs);
  if (era && era->era == mcp::Era::modern) era->discovery = std::string(result);
  return era;
}

// What an answer by itself shows, under whatever status; nothing where the status decides.
std::optional<Result<RemoteEra>> shown_by(const mcp::Message& answer, int status) {
  const auto error = answer.error();
  if (const auto theirs = supported_by(error)) return common_revision(*theirs);
  const bool has_no_discovery = status == 404 && mcp::is_error(error, mcp::method_not_found);
  if (has_no_discovery || mcp::is_error(error, mcp::header_mismatch) ||
      mcp::is_error(error, mcp::missing_client_capability))
    return RemoteEra{mcp::Era::modern, std::string(mcp::modern_revision), {}};
  if (status >= 200 && status < 300 && error.empty()) return discovered(answer.result());
  return {};
}

bool decides_nothing(int status) {
  return status < 200 || (status >= 300 && status < 400) || status == 401 || status == 403 || status == 408 ||
         status == 429 || status >= 500;
}

}  // namespace

Result<RemoteEra> probe_era(AuthorizedClient& http, const StreamableHttpSettings& settings,
                            std::string_view client_meta, const auth::Occasion& occasion) {
  const auto request = probing_request(client_meta);
  auto post = make_post(settings, request);
  mirror(request, {}, post.headers);
  limit(post.limits, probe_limit);
  std::optional<mcp::Message> answer;
  Reply reply(settings.max_message, [&](const http::ResponseHead&, mcp::Message said) {
    if (said.is_response()) answer = std::move(said);
    return answer.has_value();
  });
  const auto sent = http.send(std::move(post), reply, occasion);
  if (sent) reply.finish();
  if (answer) {
    if (const auto shown = shown_by(*answer, reply.head().status)) return *shown;
  } else if (!sent) {
    // We ourselves end an answer that is too long.
    const bool ended_here = sent.error().code == ErrorCode::cancelled && !occasion.cancellation.cancelled();
    if (!ended_here) return tl::make_unexpected(sent.error());
  }
  if (decides_nothing(reply.head().status))
    return tl::make_unexpected(status_error(settings.endpoint, reply.head(), reply.body()));
  return RemoteEra{};
}

bool says_modern_only(const mcp::Message& answer_to_initialize) {
  const auto error = answer_to_initialize.error();
  if (const auto theirs = supported_by(error)) return !newest_common(mcp::modern_revisions, *theirs).empty();
  return mcp::is_error(error, mcp::method_not_found) || mcp::is_error(error, mcp::invalid_params);
}

}  // namespace clickflow::remote
