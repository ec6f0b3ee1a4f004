#include "clickflow/sandbox/site.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/base/url.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* metadata_path = "/.well-known/oauth-protected-resource";

bool is_loopback(const std::string& url) {
  const auto parsed = Url::parse(url);
  return parsed && parsed->is_loopback();
}

// A page in a browser must not reach us, neither directly (Origin) nor by a name of its own that it lets
// point here (Host: DNS rebinding).
bool comes_from_this_machine(const Request& request) {
  const std::string& origin = request.header("origin");
  const std::string& host = request.header("host");
  return (origin.empty() || is_loopback(origin)) && (host.empty() || is_loopback("http://" + host));
}

std::string bearer_of(const Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const std::string& header = request.header("authorization");
  if (header.size() <= scheme.size()) return "";
  const auto same = [](char lower, char c) { return (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) == lower; };
  return std::equal(scheme.begin(), scheme.end(), header.begin(), same) ? header.substr(scheme.size()) : "";
}

}  // namespace

Site::Site(std::string origin, ApiKeys& keys, const Platform& platform)
    : base_(std::move(origin) + "/v1"), keys_(keys), mcp_(platform), rest_(platform) {}

Reply Site::handle(const Request& request) {
  try {
    return route(request);
  } catch (const std::exception& e) {
    log::error("{} {} failed: {}.", request.method, request.path, e.what());
    return detail_reply(500, "Internal Server Error");
  }
}

Reply Site::route(const Request& request) {
  if (!comes_from_this_machine(request)) {
    return refusal(403, mcp::no_answer, "Forbidden: only this machine may call the sandbox");
  }
  if (request.path == std::string("/v1") + metadata_path && request.method == "GET") {
    return json_reply(to_text({{"resource", base_ + "/mcp"}, {"authorization_servers", Json::array()}}));
  }
  const bool is_mcp = request.path == "/v1/mcp";
  if (!is_mcp && !request.path.starts_with("/v1/api/")) return detail_reply(404, "Not Found");
  const auto caller = authenticate(request);
  if (!caller) return challenge();
  return is_mcp ? mcp_.handle(request, *caller) : rest_.handle(request, *caller);
}

std::optional<Caller> Site::authenticate(const Request& request) {
  const auto key = keys_.authenticate(bearer_of(request));
  if (!key) return std::nullopt;
  return Caller{key->id, key->organization, key->scopes};
}

// For a credential that is missing, unknown, revoked or expired: the document makes no difference.
Reply Site::challenge() const {
  Reply reply = json_reply(one_field("error", "unauthorized"));
  reply.status = 401;
  reply.headers = {{"WWW-Authenticate", "Bearer resource_metadata=\"" + base_ + metadata_path + "\""}};
  return reply;
}

}  // namespace clickflow::sandbox
