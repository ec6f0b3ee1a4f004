#include "clickflow/sandbox/site.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/replies.h"
#include "clickflow/sandbox/request_origin.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* metadata_path = "/.well-known/oauth-protected-resource";

}  // namespace

Site::Site(std::string origin, ApiKeys& keys, const Platform& platform, SignIns sign_ins,
           const McpSettings& mcp)
    : base_(std::move(origin) + "/v1"),
      keys_(keys),
      sign_ins_(std::move(sign_ins)),
      switched_([this](const Caller& caller, const std::string& before, const std::string& after) {
        mcp_.switched(caller, before, after);
      }),
      mcp_(platform, switched_, mcp),
      rest_(platform, switched_) {}

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
    Json servers = Json::array();
    if (!sign_ins_.issuer.empty()) servers.push_back(sign_ins_.issuer);
    return json_reply(to_text({{"resource", base_ + "/mcp"}, {"authorization_servers", std::move(servers)}}));
  }
  const bool is_mcp = request.path == "/v1/mcp";
  if (!is_mcp && !request.path.starts_with("/v1/api/")) return detail_reply(404, "Not Found");
  const auto caller = authenticate(request, is_mcp);
  if (!caller) return challenge();
  return is_mcp ? mcp_.handle(request, *caller) : rest_.handle(request, *caller);
}

// REST takes keys only; whoever has signed in uses MCP.
std::optional<Caller> Site::authenticate(const Request& request, bool is_mcp) {
  const std::string bearer = bearer_of(request);
  if (const auto key = keys_.authenticate(bearer)) return Caller{key->id, key->organization, key->scopes};
  return is_mcp && sign_ins_.caller_of ? sign_ins_.caller_of(bearer) : std::nullopt;
}

// For a credential that is missing, unknown, revoked or expired: the document makes no difference.
Reply Site::challenge() const {
  Reply reply = json_reply(one_field("error", "unauthorized"));
  reply.status = 401;
  reply.headers = {{"WWW-Authenticate", "Bearer resource_metadata=\"" + base_ + metadata_path + "\""}};
  return reply;
}

}  // namespace clickflow::sandbox
