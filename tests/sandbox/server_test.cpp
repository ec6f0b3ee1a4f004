#include "clickflow/sandbox/server.h"

#include <httplib.h>

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "clickflow/base/form.h"
#include "clickflow/base/url.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;

namespace {

constexpr const char* initialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"test","version":"1"}}})";

/// A sandbox on a free port, and a client of it with a key.
struct Desk {
  sandbox::testing::Folder folder;
  std::unique_ptr<Server> server;
  std::string key;
  httplib::Headers headers{{"Accept", "application/json, text/event-stream"}};

  explicit Desk(double speed = 1, Protocol protocol = Protocol::dual, bool test_controls = false) {
    ServerSettings settings;
    settings.data = folder.path();
    settings.speed = speed;
    settings.protocol = protocol;
    settings.test_controls = test_controls;
    auto started = Server::start(settings);
    REQUIRE(started);
    server = *std::move(started);
    key = server->keys().create({"Test", "org_abc123", {*mcp::Scope::parse("tools:*")}, {}})->secret.expose();
    headers.emplace("Authorization", "Bearer " + key);
  }
  httplib::Client client() const {
    httplib::Client made(Url::parse(server->mcp_url())->origin());
    made.set_tcp_nodelay(true);
    made.set_read_timeout(10);
    return made;
  }
  void begin_session() {
    auto reply = client().Post("/v1/mcp", headers, initialize, "application/json");
    REQUIRE(reply);
    REQUIRE(reply->status == 200);
    headers.emplace("Mcp-Session-Id", reply->get_header_value("Mcp-Session-Id"));
    headers.emplace("MCP-Protocol-Version", "2025-11-25");
  }
  Json call(const std::string& tool, const Json& arguments) {
    const Json message{{"jsonrpc", "2.0"},
                       {"id", 1},
                       {"method", "tools/call"},
                       {"params", {{"name", tool}, {"arguments", arguments}}}};
    auto reply = client().Post("/v1/mcp", headers, message.dump(), "application/json");
    REQUIRE(reply);
    return Json::parse(reply->body).at("result").at("structuredContent");
  }
};

/// Posts a modern request with the headers that it needs, and reads the answer until `enough` says so, or it
/// ends.
template <class Enough>
std::string post_modern(const Desk& desk, const std::string& method, Json params, Enough enough) {
  params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
  params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = Json::object();
  httplib::Request request;
  request.method = "POST";
  request.path = "/v1/mcp";
  request.headers = desk.headers;
  request.set_header("Content-Type", "application/json");
  request.set_header("MCP-Protocol-Version", "2026-07-28");
  request.set_header("Mcp-Method", method);
  if (params.contains("name")) request.set_header("Mcp-Name", params.at("name").get<std::string>());
  request.body = Json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}.dump();
  std::string all;
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    all.append(data, size);
    return !enough(all);
  };
  auto client = desk.client();
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  client.send(request, response, error);
  return all;
}

bool to_the_end(const std::string&) {
  return false;
}

/// Reads a stream until `enough` says so, or it ends.
template <class Enough>
std::string read_stream(httplib::Client client, const httplib::Headers& headers, Enough enough) {
  std::string all;
  client.Get("/v1/mcp", headers, [&](const char* data, size_t size) {
    all.append(data, size);
    return !enough(all);
  });
  return all;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The 401 arrives over a socket as the document shows it") {
  Desk desk;
  const auto reply = desk.client().Get("/v1/api/organizations");
  REQUIRE(reply);
  CHECK(reply->status == 401);
  CHECK(reply->body == R"({"error": "unauthorized"})");
  const std::string origin = Url::parse(desk.server->mcp_url())->origin();
  CHECK(reply->get_header_value("WWW-Authenticate") ==
        "Bearer resource_metadata=\"" + origin + "/v1/.well-known/oauth-protected-resource\"");
}

TEST_CASE("A draft reports its progress over a socket while it runs") {
  Desk desk(4);  // slow enough to be seen in each of its steps on a busy machine
  desk.begin_session();
  const Json created =
      desk.call("platform.create_roadmap_item", {{"keyword", "tea"}, {"start_drafting", true}});
  const Json message{{"jsonrpc", "2.0"},
                     {"id", 2},
                     {"method", "tools/call"},
                     {"params",
                      {{"name", "workflows.get_status"},
                       {"arguments", {{"workflow_id", created.at("workflow_id")}}},
                       {"_meta", {{"progressToken", "t"}}}}}};
  const auto reply = desk.client().Post("/v1/mcp", desk.headers, message.dump(), "application/json");
  REQUIRE(reply);
  CHECK(reply->get_header_value("Content-Type") == "text/event-stream");
  CHECK(contains(reply->body, "Researching the keyword"));
  CHECK(contains(reply->body, "Writing the draft"));
  CHECK(contains(reply->body, R"(\"status\":\"Completed\")"));
}

TEST_CASE("A call outlives its connection, and its answer is fetched with Last-Event-ID") {
  Desk desk(16);
  desk.begin_session();
  const Json created =
      desk.call("platform.create_roadmap_item", {{"keyword", "tea"}, {"start_drafting", true}});
  httplib::Request request;
  request.method = "POST";
  request.path = "/v1/mcp";
  request.headers = desk.headers;
  request.set_header("Content-Type", "application/json");
  request.body = Json{{"jsonrpc", "2.0"},
                      {"id", 2},
                      {"method", "tools/call"},
                      {"params",
                       {{"name", "workflows.get_status"},
                        {"arguments", {{"workflow_id", created.at("workflow_id")}}},
                        {"_meta", {{"progressToken", "t"}}}}}}
                     .dump();
  std::string seen;
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    seen.append(data, size);
    return !contains(seen, "notifications/progress");  // then the connection breaks
  };
  auto client = desk.client();
  CHECK_FALSE(client.send(request));
  const size_t id = seen.rfind("id: ");
  REQUIRE(id != std::string::npos);

  httplib::Headers headers = desk.headers;
  headers.emplace("Last-Event-ID", seen.substr(id + 4, seen.find('\n', id) - id - 4));
  const std::string rest = read_stream(desk.client(), headers, [](const std::string&) { return false; });
  CHECK(contains(rest, R"(\"status\":\"Completed\")"));
  CHECK_FALSE(contains(rest, "retry:"));
}

TEST_CASE("What the server says of its own accord arrives on the listening connection") {
  Desk desk;
  desk.begin_session();
  std::string heard;
  std::thread listener([&] {
    heard = read_stream(desk.client(), desk.headers,
                        [](const std::string& all) { return contains(all, "list_changed"); });
  });
  desk.call("platform.switch_organization", {{"organization_id", "org_xyz789"}});
  listener.join();
  CHECK(contains(heard, R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"));
}

TEST_CASE("A modern client needs no session to follow a draft over a socket") {
  Desk desk(16);
  const Json created =
      Json::parse(post_modern(desk, "tools/call",
                              {{"name", "platform.create_roadmap_item"},
                               {"arguments", {{"keyword", "tea"}, {"start_drafting", true}}}},
                              to_the_end));
  const Json workflow = created.at("result").at("structuredContent").at("workflow_id");
  const std::string followed = post_modern(desk, "tools/call",
                                           {{"name", "workflows.get_status"},
                                            {"arguments", {{"workflow_id", workflow}}},
                                            {"_meta", {{"progressToken", "t"}}}},
                                           to_the_end);
  CHECK(contains(followed, "Researching the keyword"));
  CHECK(contains(followed, R"(\"status\":\"Completed\")"));
}

TEST_CASE("A subscription ends with its connection, and makes room for others") {
  Desk desk;
  const auto subscribe = [&] {
    return post_modern(desk, "subscriptions/listen", {{"notifications", Json::object()}},
                       [](const std::string& all) { return contains(all, "\n\n"); });
  };
  for (int i = 0; i < 64; ++i) subscribe();
  std::string text;
  for (int i = 0; i < 100 && !contains(text, "acknowledged"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    text = subscribe();
  }
  CHECK(contains(text, "acknowledged"));
}

TEST_CASE("A sandbox speaks the revisions that it was started for, and has tools for tests only if told to") {
  const auto tools = [](const Desk& desk) {
    return post_modern(desk, "tools/list", Json::object(), to_the_end);
  };
  Desk dual;
  CHECK(contains(tools(dual), "workflows.resume"));
  CHECK_FALSE(contains(tools(dual), "sandbox.review_workflow"));
  Desk modern(1, Protocol::modern, true);
  CHECK(contains(tools(modern), "sandbox.review_workflow"));
  const auto refused = modern.client().Post("/v1/mcp", modern.headers, initialize, "application/json");
  REQUIRE(refused);
  CHECK(refused->status == 400);
  Desk legacy(1, Protocol::legacy);
  CHECK(contains(tools(legacy), "Unsupported protocol version"));
  legacy.begin_session();
}

TEST_CASE("Stopping is prompt, whatever is connected or running") {
  Desk desk(0.01);
  desk.begin_session();
  const Json created =
      desk.call("platform.create_roadmap_item", {{"keyword", "tea"}, {"start_drafting", true}});
  std::thread listener([client = desk.client(), headers = desk.headers]() mutable {
    read_stream(std::move(client), headers, [](const std::string&) { return false; });
  });
  std::thread caller([client = desk.client(), headers = desk.headers, created]() mutable {
    const Json message{{"jsonrpc", "2.0"},
                       {"id", 2},
                       {"method", "tools/call"},
                       {"params",
                        {{"name", "workflows.get_status"},
                         {"arguments", {{"workflow_id", created.at("workflow_id")}}},
                         {"_meta", {{"progressToken", "t"}}}}}};
    client.Post("/v1/mcp", headers, message.dump(), "application/json");
  });
  auto idle = desk.client();
  idle.set_keep_alive(true);
  REQUIRE(idle.Get("/v1/api/organizations", desk.headers));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));

  const auto begun = std::chrono::steady_clock::now();
  desk.server.reset();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
  listener.join();
  caller.join();
}

TEST_CASE("The last use of a key is on disk when the server has ended") {
  Desk desk;
  REQUIRE(desk.client().Get("/v1/api/organizations", desk.headers));
  desk.server.reset();
  const auto keys = ApiKeys(keys_file(desk.folder.path()), system_now).list();
  REQUIRE(keys);
  CHECK(keys->front().last_used);
}

TEST_CASE("A sandbox listens on loopback only") {
  sandbox::testing::Folder folder;
  for (const char* address : {"0.0.0.0", "::", "192.168.1.2", "example.com", ""}) {
    CAPTURE(address);
    const auto started = Server::start({address, 0, folder.path(), 1, {}});
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("Two sandboxes can't share a port") {
  Desk desk;
  const auto started =
      Server::start({"127.0.0.1", Url::parse(desk.server->mcp_url())->port, desk.folder.path(), 1, {}});
  REQUIRE_FALSE(started);
  CHECK(started.error().code == ErrorCode::system);
}

TEST_CASE("Whoever has signed in uses MCP with all tools, and REST refuses them") {
  Desk desk;
  const std::string issuer = desk.server->issuer();
  const auto metadata = desk.client().Get("/v1/.well-known/oauth-protected-resource");
  REQUIRE(metadata);
  CHECK(Json::parse(metadata->body) ==
        Json{{"resource", desk.server->mcp_url()}, {"authorization_servers", {issuer}}});

  httplib::Client auth(issuer);
  const Json registration{{"redirect_uris", {"http://127.0.0.1/callback"}},
                          {"token_endpoint_auth_method", "none"},
                          {"scope", "email"}};
  const auto registered = auth.Post("/oauth/register", registration.dump(), "application/json");
  REQUIRE(registered);
  const std::string client = Json::parse(registered->body).at("client_id");
  const std::string link =
      "/oauth/authorize?" + Form{{"response_type", "code"},
                                 {"client_id", client},
                                 {"redirect_uri", "http://127.0.0.1:9/callback"},
                                 {"state", "a-long-state"},
                                 {"code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
                                 {"code_challenge_method", "S256"},
                                 {"resource", desk.server->mcp_url()}}
                                .encode();
  const auto between = [](const std::string& text, const std::string& before) {
    const size_t from = text.find(before) + before.size();
    return text.substr(from, text.find('"', from) - from);
  };
  const auto page = auth.Get(link);
  REQUIRE(page);
  std::string cookie = page->get_header_value("Set-Cookie");
  const auto post = [&](const std::string& path, httplib::Params fields) {
    fields.emplace("form_token",
                   between(auth.Get(link, {{"Cookie", cookie}})->body, R"(name="form_token" value=")"));
    auto reply = auth.Post(path, {{"Cookie", cookie}}, fields);
    REQUIRE(reply);
    if (reply->has_header("Set-Cookie")) cookie = reply->get_header_value("Set-Cookie");
    return reply->get_header_value("Location");
  };
  CHECK(post("/sign-in", {{"email", "ben@fabrikam.example"}, {"return_to", link}}) == link);
  const std::string back = post(link, {{"decision", "allow"}});
  const auto answer = Form::decode(back.substr(back.find('?') + 1));
  REQUIRE(answer);
  const httplib::Params redemption{{"grant_type", "authorization_code"},
                                   {"client_id", client},
                                   {"code", std::string(answer->get("code").value_or(""))},
                                   {"redirect_uri", "http://127.0.0.1:9/callback"},
                                   {"code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
                                   {"resource", desk.server->mcp_url()}};
  const auto tokens = auth.Post("/oauth/token", redemption);
  REQUIRE(tokens);
  REQUIRE(tokens->status == 200);
  const std::string access = Json::parse(tokens->body).at("access_token");

  desk.headers.erase("Authorization");
  desk.headers.emplace("Authorization", "Bearer " + access);
  desk.begin_session();
  const Json organizations = desk.call("platform.list_organizations", Json::object());
  CHECK(organizations.at("count") == 1);  // Ben is in one
  CHECK(desk.call("platform.create_roadmap_item", {{"keyword", "tea"}}).contains("roadmap_item_id"));
  CHECK(desk.client().Get("/v1/api/organizations", desk.headers)->status == 401);

  const auto counts = desk.client().Get("/sandbox/counters");
  REQUIRE(counts);
  CHECK(Json::parse(counts->body).at("token_requests").at("authorization_code") == 1);
  CHECK(Json::parse(counts->body).at("mcp_requests") == 3);
  CHECK(desk.client().Post("/sandbox/control", "{}", "application/json")->status == 404);
}
