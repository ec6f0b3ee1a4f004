#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <sstream>

#include "assistant.h"
#include "clickflow/base/file.h"
#include "clickflow/base/url.h"
#include "clickflow/sandbox/server.h"
#include "demo_parts.h"
#include "interruption.h"

namespace clickflow::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* sign_in_tool = "clickflow_sign_in";

/// How a person signs in, in steps. Each checks what came of it, with the assistant and at the sandbox.
class OAuthDemo {
 public:
  OAuthDemo(DemoConsole& console, Server& server, const DemoOptions& options, fs::path folder,
            Cancellation cancellation)
      : console_(console),
        server_(server),
        bridge_(bridge_of(options)),
        program_(program_beside(options.program, options.program.stem().string())),
        folder_(std::move(folder)),
        cancellation_(std::move(cancellation)) {}

  Result<void> run();

 private:
  Result<void> look_around();
  Result<void> sign_in();
  Result<void> work();
  Result<void> come_back();
  Result<void> refresh();
  Result<void> sign_in_again();
  Result<void> sign_out();

  Assistant::Launch launch() const;
  Result<void> start();
  Result<void> show(const std::string& path, int expected);
  Result<void> must_list_organizations();
  Result<void> order(const Json& orders);
  /// What the authorization server has seen.
  Result<void> must_have_seen(int pages, int refreshes);

  DemoConsole& console_;
  Server& server_;
  const fs::path bridge_;
  const fs::path program_;
  const fs::path folder_;
  const Cancellation cancellation_;
  std::unique_ptr<Assistant> assistant_;
};

Assistant::Launch OAuthDemo::launch() const {
  auto environment = environment_in(folder_);
  environment["CLICKFLOW_URL"] = server_.mcp_url();
  environment["CLICKFLOW_TOKEN_STORE"] = "file";  // the demo leaves the person's keychain alone
  environment["BROWSER"] = program_.string();     // which clicks as a person would
  return {bridge_, environment, bridge_log_in(folder_), cancellation_};
}

Result<void> OAuthDemo::start() {
  if (assistant_) {
    if (auto closed = assistant_->close(); !closed) return closed;
  }
  auto assistant = Assistant::launch(launch());
  if (!assistant) return tl::make_unexpected(assistant.error());
  assistant_ = *std::move(assistant);
  return greet(console_, *assistant_);
}

Result<void> OAuthDemo::show(const std::string& path, int expected) {
  httplib::Client client(Url::parse(server_.mcp_url())->origin());
  client.set_tcp_nodelay(true);
  client.set_read_timeout(5);
  console_.says("GET " + path);
  const auto reply = client.Get(path);
  if (!reply || reply->status != expected) return wrong(path + " did not answer as it should.");
  if (expected == 401)
    console_.hears("401, WWW-Authenticate: " + reply->get_header_value("WWW-Authenticate"));
  console_.hears(reply->body);
  return {};
}

Result<void> OAuthDemo::must_list_organizations() {
  const auto reply = use_tool(console_, *assistant_, "platform_list_organizations", Json::object());
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->is_error || member(reply->json, "count") != 2) return wrong("The call did not come through.");
  return {};
}

Result<void> OAuthDemo::order(const Json& orders) {
  const Reply reply = server_.controls().handle(
      {"POST", "/sandbox/control", {{"content-type", "application/json"}}, to_text(orders)});
  return reply.status == 200 ? Result<void>() : wrong("The sandbox did not do as it was told.");
}

Result<void> OAuthDemo::must_have_seen(int pages, int refreshes) {
  const Json counts = server_.counters();
  const Json requests = counts.at("token_requests");
  const Json views = counts.at("authorize_page_views");
  console_.note(
      fmt::format("The sign-in server has seen so far: visits by a browser: {}, codes: {}, refreshes: {}",
                  views.at("sign_in").get<int>(), requests.at("authorization_code").get<int>(),
                  requests.at("refresh_token").get<int>()));
  if (views.at("sign_in") == pages && requests.at("authorization_code") == pages &&
      requests.at("refresh_token") == refreshes && counts.at("registrations") == 1) {
    return {};
  }
  return wrong("That is not what it should have seen.");
}

Result<void> OAuthDemo::look_around() {
  console_.step("Without a credential ClickFlow says where to sign in");
  if (auto shown = show("/v1/mcp", 401); !shown) return shown;
  return show("/v1/.well-known/oauth-protected-resource", 200);
}

Result<void> OAuthDemo::sign_in() {
  console_.step("An assistant launches the bridge; nobody is signed in, and it need not wait");
  if (auto started = start(); !started) return started;
  const auto names = tool_names(console_, *assistant_);
  if (!names) return tl::make_unexpected(names.error());
  if (*names != std::set<std::string>{sign_in_tool}) return wrong("There should be one tool, to sign in.");

  console_.step("The person wants to use it: the browser opens, Ada signs in and allows it");
  const auto reply = use_tool(console_, *assistant_, sign_in_tool, Json::object());
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->is_error) return wrong("The sign-in did not come through.");
  return must_have_seen(1, 0);
}

Result<void> OAuthDemo::work() {
  console_.step("All tools are there, and whoever is signed in may use all of them");
  const auto names = tool_names(console_, *assistant_);
  if (!names) return tl::make_unexpected(names.error());
  if (!names->contains("platform_create_roadmap_item")) return wrong("The tools did not appear.");
  if (auto done = must_list_organizations(); !done) return done;
  const auto created =
      use_tool(console_, *assistant_, "platform_create_roadmap_item", {{"keyword", "flat white at home"}});
  if (!created) return tl::make_unexpected(created.error());
  if (created->is_error) return wrong("The item was not created.");
  return {};
}

Result<void> OAuthDemo::come_back() {
  console_.step("The next day: another process, no browser");
  if (auto started = start(); !started) return started;
  if (auto done = must_list_organizations(); !done) return done;
  return must_have_seen(1, 0);
}

Result<void> OAuthDemo::refresh() {
  console_.step("The access token expires: it is renewed, and nobody notices");
  if (auto done = order({{"expire_access_tokens", true}}); !done) return done;
  if (auto done = must_list_organizations(); !done) return done;
  return must_have_seen(1, 1);
}

Result<void> OAuthDemo::sign_in_again() {
  console_.step("The sign-in is ended at the other end: the next call asks the person again, and goes on");
  if (auto done = order({{"revoke_family", true}}); !done) return done;
  if (auto done = must_list_organizations(); !done) return done;
  return must_have_seen(2, 2);
}

Result<void> OAuthDemo::sign_out() {
  console_.step("The person signs out");
  if (auto closed = assistant_->close(); !closed) return closed;
  auto logout = launch();
  logout.log = folder_ / "logout.txt";
  console_.says(bridge_.filename().string() + " logout");
  if (auto done = run_to_end(logout, {"logout"}); !done) return done;
  const auto said = read_file(logout.log);
  if (!said) return tl::make_unexpected(said.error());
  std::istringstream lines(*said);
  for (std::string line; std::getline(lines, line);) console_.hears(line);
  return server_.counters().at("revocations") > 0 ? Result<void>() : wrong("Nothing was revoked.");
}

Result<void> OAuthDemo::run() {
  for (const auto step :
       {&OAuthDemo::look_around, &OAuthDemo::sign_in, &OAuthDemo::work, &OAuthDemo::come_back,
        &OAuthDemo::refresh, &OAuthDemo::sign_in_again, &OAuthDemo::sign_out}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  return {};
}

}  // namespace

int oauth_demo(const DemoOptions& options) {
  DemoConsole console;
  const auto begun = std::chrono::steady_clock::now();
  const Interruption interruption;
  const TemporaryFolder folder;
  ServerSettings settings;
  settings.data = folder.path();
  settings.test_controls = true;
  auto server = Server::start(settings);
  if (!server) {
    console.failure(server.error().message());
    return 1;
  }
  console.headline("A ClickFlow of your own listens on " + (*server)->mcp_url());
  console.headline("People sign in at " + (*server)->issuer());
  OAuthDemo steps(console, **server, options, folder.path(), interruption.cancellation());
  return conclude(console, steps.run(), folder.path(), begun);
}

}  // namespace clickflow::sandbox
