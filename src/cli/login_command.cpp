#include <spdlog/fmt/fmt.h>

#include <cstdio>

#include "clickflow/auth/api_key.h"
#include "clickflow/auth/device_grant.h"
#include "clickflow/auth/surroundings.h"
#include "clickflow/base/clock.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/output.h"
#include "clickflow/cli/terminal.h"
#include "clickflow/http/www_authenticate.h"

namespace clickflow::cli {
namespace {

// Nothing listens here with --no-browser: the browser shows an error page, and the person copies its address.
constexpr int pasted_port = 33418;
constexpr auto tab_limit = std::chrono::minutes(10);

// Any request will do: one that is refused says where to sign in, and from one that is not the well-known
// places follow.
constexpr std::string_view probe = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

Result<auth::SignInRequest> find_sign_in(Connection& connection, const Settings& settings) {
  http::Request request;
  request.method = "POST";
  request.url = settings.endpoint;
  request.headers = settings.headers;
  request.headers.set("Accept", "application/json, text/event-stream");
  request.content_type = "application/json";
  request.body = probe;
  request.limits = settings.limits;
  const auto response = http::fetch(connection.plain_http(), request, {});
  if (!response) return tl::make_unexpected(response.error());
  const auto challenge = http::bearer_challenge(response->head.headers);
  auto discovery = auth::discover(connection.plain_http(), settings.endpoint, challenge, "", {});
  if (!discovery) return tl::make_unexpected(discovery.error());
  const auto scope = auth::choose_scope(challenge, *discovery, {});
  return auth::SignInRequest{std::move(*discovery), scope};
}

// As good as signed out: the new sign-in replaces it.
bool is_damaged(const Error& error) {
  return error.code == ErrorCode::keychain_damaged;
}

void say(std::string_view text) {
  std::fprintf(stderr, "%s\n", std::string(text).c_str());
}

Result<void> in_browser(Connection& connection, const Settings& settings, Credentials::Vault& vault,
                        const auth::SignInRequest& request) {
  const auto browser = auth::make_system_browser();
  auth::BrowserSignIn::Settings how;
  how.callback_port = settings.callback_port;
  how.patience = how.tab_limit = tab_limit;
  how.surroundings = auth::look_around();
  const auto advice = how.surroundings.advice(settings.callback_port, vault.sessions->identity());
  if (!advice.empty()) say(advice);
  auth::OneTab tabs(vault.folder, vault.tab_name);
  auth::BrowserSignIn sign_in(connection.credentials().sign_in_context(vault), *browser, std::move(tabs),
                              how);

  const auto before = vault.sessions->load();
  const auto done = [&]() -> Result<bool> {
    const auto now = vault.sessions->load();
    if (!now && !is_damaged(now.error())) return tl::make_unexpected(now.error());
    const bool same = before && *before && now && *now && (*before)->access_token == (*now)->access_token;
    return now && *now && !same;
  };
  std::optional<WaitingLine> waiting;
  auth::Occasion occasion{Cancellation(), true};
  occasion.notice = [&](std::string_view text) {
    waiting.reset();
    say(text);
    waiting.emplace("Waiting for you to sign in");
  };
  return sign_in.sign_in(request, done, occasion);
}

Result<void> by_pasting(Connection& connection, const Settings& settings, Credentials::Vault& vault,
                        const auth::SignInRequest& request) {
  const int port = settings.callback_port ? settings.callback_port : pasted_port;
  const auto flow =
      auth::CodeFlow::start(connection.credentials().sign_in_context(vault), request,
                            fmt::format("http://127.0.0.1:{}/callback", port), auth::make_state(), {});
  if (!flow) return tl::make_unexpected(flow.error());
  say("Open this link in any browser and sign in:\n\n  " + flow->link() +
      "\n\nYour browser will then fail to open a page on 127.0.0.1. That is right: copy the address of that "
      "page.");
  const auto pasted = ask("Paste the address here: ", Echo::on);
  if (!pasted) return tl::make_unexpected(pasted.error());
  const auto query = auth::query_of_pasted_url(std::string(pasted->expose()));
  if (!query) return tl::make_unexpected(query.error());
  const auto tokens = flow->finish(*query, {});
  if (!tokens) return tl::make_unexpected(tokens.error().error);
  return {};
}

Result<void> on_another_device(Connection& connection, const Settings& settings, Credentials::Vault& vault,
                               const auth::SignInRequest& request) {
  const auto& server = request.discovery.server;
  const auto& resource = request.discovery.resource;
  if (auto offered = auth::check_device_grant(server); !offered) return offered;
  auto identity = settings.client_identity;
  identity.device_grant = true;
  const auth::SignInContext context{connection.plain_http(), *vault.sessions, identity, system_clock(),
                                    [&] { connection.credentials().identity_changed(); }};
  const auto client = auth::client_for(context, request, {});
  if (!client) return tl::make_unexpected(client.error());
  const auto code =
      auth::start_device_grant(connection.plain_http(), server, *client, request.scope.to_string(), resource,
                               auth::UrlPolicy(settings.endpoint), system_clock(), {});
  if (!code) {
    auth::forget_client_if_unknown(context, *client, resource, code.error());
    return tl::make_unexpected(code.error().error);
  }
  say("Open this link on any device and enter the code:\n\n  " + code->verification_uri + "\n  " +
      code->user_code + "\n");
  const WaitingLine waiting("Waiting for you to sign in");
  auto response = auth::wait_for_device(connection.plain_http(), server, *client, *code,
                                        request.scope.to_string(), resource, system_clock(), {});
  if (!response) return tl::make_unexpected(response.error().error);
  const auto kept = auth::keep(context, request, *client, std::move(*response), {});
  if (!kept) return tl::make_unexpected(kept.error());
  return {};
}

Result<void> store_api_key(Connection& connection, Credentials::Vault& vault) {
  const auto text = is_terminal(Stream::in) ? ask("API key: ", Echo::off) : read_secret_from_stdin();
  if (!text) return tl::make_unexpected(text.error());
  const auto key = auth::parse_api_key(text->expose());
  if (!key) return tl::make_unexpected(key.error());
  connection.credentials().identity_changed();
  const auto written = vault.keychain->write(vault.api_key_entry, *key);
  connection.credentials().identity_changed();
  return written;
}

Result<void> log_in(Connection& connection, const Settings& settings, LoginWay way) {
  if (way == LoginWay::paste && !can_ask()) {
    return fail(ErrorCode::invalid_input, "There is no terminal to ask on.",
                "Run it in a terminal (with docker, `-it`), or use --device.");
  }
  const auto vault = connection.credentials().vault();
  if (!vault) return tl::make_unexpected(vault.error());
  if (way == LoginWay::api_key) return store_api_key(connection, **vault);
  // A keychain that is closed or absent is found out before the person has gone through the browser.
  const auto readable = (*vault)->sessions->binding();
  if (!readable && !is_damaged(readable.error())) return tl::make_unexpected(readable.error());
  const auto request = find_sign_in(connection, settings);
  if (!request) return tl::make_unexpected(request.error());
  switch (way) {
    case LoginWay::paste:
      return by_pasting(connection, settings, **vault, *request);
    case LoginWay::device:
      return on_another_device(connection, settings, **vault, *request);
    default:
      return in_browser(connection, settings, **vault, *request);
  }
}

}  // namespace

int login(const Settings& settings, LoginWay way) {
  Connection connection(settings, true);
  if (const auto result = log_in(connection, settings, way); !result) {
    print_error(result.error());
    return Exit::failure;
  }
  auto& vault = **connection.credentials().vault();
  const std::string where = " in " + vault.keychain->description() + ".";
  if (way == LoginWay::api_key) {
    print("The API key is kept" + where);
    return Exit::success;
  }
  const auto tokens = vault.sessions->load();
  const std::string account = tokens && *tokens ? (*tokens)->account : std::string();
  print("You are signed in" + (account.empty() ? std::string() : " as " + printable(account)) + " to " +
        settings.endpoint.origin() + ". The sign-in is kept" + where);
  if (const auto key = connection.credentials().stored_api_key(); key && *key) {
    print("A stored API key goes before it; " + vault.sessions->identity().command("logout") +
          " removes both.");
  }
  return Exit::success;
}

}  // namespace clickflow::cli
