#include "clickflow/sandbox/server.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/log.h"
#include "clickflow/sandbox/counters.h"
#include "clickflow/sandbox/oauth/authorization_server.h"
#include "clickflow/sandbox/replies.h"
#include "clickflow/sandbox/request_origin.h"
#include "clickflow/sandbox/site.h"
#include "clickflow/sandbox/web/dashboard.h"
#include "http_listener.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t mcp_connections = 96;
constexpr size_t auth_connections = 32;
constexpr int write_keys_every_ms = 1000;

}  // namespace

std::filesystem::path keys_file(const std::filesystem::path& data) {
  return data / "api-keys.json";
}

// In the order in which they need each other: the listeners go first.
struct Server::Parts {
  explicit Parts(const ServerSettings& settings)
      : clock(settings.clock ? settings.clock : Clock(system_now)),
        keys(keys_file(settings.data), clock),
        workflows(clock, settings.speed) {}

  const Clock clock;
  ApiKeys keys;
  Roadmap roadmap;
  Workflows workflows;
  Counters counters;
  std::unique_ptr<AuthorizationServer> authorization;
  std::unique_ptr<Dashboard> dashboard;
  std::unique_ptr<Site> site;
  Cancellation stopping;
  std::thread key_writer;
  std::unique_ptr<HttpListener> listener;
  std::unique_ptr<HttpListener> auth_listener;

  Reply answer(const Request& request);
  Json counts() const;
  void write_keys();
};

// What the port of the resource has beside ClickFlow's own.
Reply Server::Parts::answer(const Request& request) {
  if (Dashboard::has(request.path)) return dashboard->handle(request);
  if (request.path.starts_with("/sandbox/")) {
    if (!comes_from_this_machine(request))
      return detail_reply(403, "Only this machine may call the sandbox.");
    if (request.path == "/sandbox/control") return authorization->controls().handle(request);
    if (request.path == "/sandbox/counters" && request.method == "GET") {
      return json_reply(to_text(counts()));
    }
  }
  if (request.path == "/v1/mcp") counters.count_mcp_request();
  Reply reply = site->handle(request);
  if (reply.status == 401) counters.count_refusal();
  return reply;
}

Json Server::Parts::counts() const {
  Json json = counters.to_json();
  json["refresh_token_reuses"] = authorization->tokens().reuses();
  return json;
}

void Server::Parts::write_keys() {
  if (auto written = keys.flush(); !written) log::warn("{}", written.error().message());
}

Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings) {
  if (!(settings.speed > 0)) {
    return fail(ErrorCode::invalid_input, "The speed must be more than 0.",
                "1 is normal, 2 is twice as fast.");
  }
  auto parts = std::make_unique<Parts>(settings);
  if (auto listed = parts->keys.list(); !listed) return tl::make_unexpected(listed.error());

  auto listener = HttpListener::bind({settings.port, "--port", mcp_connections});
  if (!listener) return tl::make_unexpected(listener.error());
  const auto port_after = static_cast<uint16_t>(settings.port == 0 ? 0 : settings.port + 1);
  auto auth_listener =
      HttpListener::bind({settings.auth_port.value_or(port_after), "--auth-port", auth_connections});
  if (!auth_listener) return tl::make_unexpected(auth_listener.error());
  parts->listener = *std::move(listener);
  parts->auth_listener = *std::move(auth_listener);

  const std::string& origin = parts->listener->origin();
  const AuthorizationServer::Place place{parts->auth_listener->origin(), origin + "/v1/mcp", settings.data};
  parts->authorization = std::make_unique<AuthorizationServer>(place, settings.oauth, parts->clock,
                                                               parts->counters, settings.test_controls);
  if (auto checked = parts->authorization->check(); !checked) return tl::make_unexpected(checked.error());
  parts->dashboard = std::make_unique<Dashboard>(origin, parts->keys, parts->clock);
  const auto caller_of = [authorization = parts->authorization.get()](std::string_view token) {
    return authorization->caller_of(token);
  };
  parts->site = std::make_unique<Site>(origin, parts->keys, Platform{parts->roadmap, parts->workflows},
                                       SignIns{place.issuer, caller_of},
                                       McpSettings{settings.protocol, parts->clock, settings.test_controls});
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  Parts* all = parts_.get();
  all->key_writer = std::thread([all] {
    while (all->stopping.sleep(write_keys_every_ms)) all->write_keys();
  });
  all->auth_listener->serve([all](const Request& request) { return all->authorization->handle(request); });
  all->listener->serve([all](const Request& request) { return all->answer(request); });
}

Server::~Server() {
  parts_->stopping.cancel();
  parts_->authorization->controls().stop();
  parts_->site->stop();  // first, since connections read streams until these end
  parts_->listener->stop();
  parts_->auth_listener->stop();
  parts_->key_writer.join();
  parts_->write_keys();
}

std::string Server::mcp_url() const {
  return parts_->listener->origin() + "/v1/mcp";
}

std::string Server::issuer() const {
  return parts_->authorization->issuer();
}

ApiKeys& Server::keys() {
  return parts_->keys;
}

Json Server::counters() const {
  return parts_->counts();
}

TestControls& Server::controls() {
  return parts_->authorization->controls();
}

}  // namespace clickflow::sandbox
