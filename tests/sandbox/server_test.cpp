#include "clickflow/sandbox/server.h"

#include <httplib.h>

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "clickflow/base/form.h"
#include "clickflow/base/url.h"
#include "server_desk.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

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

}  // namespace

TEST_CASE("The 401 arrives over a socket as the document shows it") {
  ServerDesk desk;
  const auto reply = desk.client().Get("/v1/api/organizations");
  REQUIRE(reply);
  CHECK(reply->status == 401);
  CHECK(reply->body == R"({"error": "unauthorized"})");
  const std::string origin = Url::parse(desk.server->mcp_url())->origin();
  CHECK(reply->get_header_value("WWW-Authenticate") ==
        "Bearer resource_metadata=\"" + origin + "/v1/.well-known/oauth-protected-resource\"");
}

TEST_CASE("A draft reports its progress over a socket while it runs") {
  ServerDesk desk(4);  // slow enough to be seen in each of its steps on a busy machine
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
  const auto reply = desk.client().Post("/v1/mcp", desk.headers, to_text(message), "application/json");
  REQUIRE(reply);
  CHECK(reply->get_header_value("Content-Type") == "text/event-stream");
  CHECK(contains(reply->body, "Researching the keyword"));
  CHECK(contains(reply->body, "Writing the draft"));
  CHECK(contains(reply->body, R"(\"status\":\"Completed\")"));
}

TEST_CASE("A call outlives its connection, and its answer is fetched with Last-Event-ID") {
  ServerDesk desk(4);
  desk.begin_session();
  const Json created =
      desk.call("platform.create_roadmap_item", {{"keyword", "tea"}, {"start_drafting", true}});
  httplib::Request request;
  request.method = "POST";
  request.path = "/v1/mcp";
  request.headers = desk.headers;
  request.set_header("Content-Type", "application/json");
  request.body = to_text({{"jsonrpc", "2.0"},
                          {"id", 2},
                          {"method", "tools/call"},
                          {"params",
                           {{"name", "workflows.get_status"},
                            {"arguments", {{"workflow_id", created.at("workflow_id")}}},
                            {"_meta", {{"progressToken", "t"}}}}}});
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
  ServerDesk desk;
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

TEST_CASE("Stopping is prompt, whatever is connected or running") {
  ServerDesk desk(0.01);
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
    client.Post("/v1/mcp", headers, to_text(message), "application/json");
  });
  auto idle = desk.client();
  idle.set_keep_alive(true);
  REQUIRE(idle.Get("/v1/api/organizations", desk.headers));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));

  const auto begun = std::chrono::steady_clock::now();
  desk.server.reset();
  CHECK(std::chrono::steady_clock::now() - begun <
        std::chrono::seconds(4));  // an idle connection would last for five
  listener.join();
  caller.join();
}

TEST_CASE("The last use of a key is on disk when the server has ended") {
  ServerDesk desk;
  REQUIRE(desk.client().Get("/v1/api/organizations", desk.headers));
  desk.server.reset();
  const auto keys = ApiKeys(keys_file(desk.folder.path()), system_now).list();
  REQUIRE(keys);
  CHECK(keys->front().last_used);
}

TEST_CASE("A sandbox listens on loopback only") {
  const ServerDesk desk;
  for (const std::string& url : {desk.server->mcp_url(), desk.server->issuer()})
    CHECK(Url::parse(url)->host == "127.0.0.1");
}

TEST_CASE("Two sandboxes can't share a port") {
  ServerDesk desk;
  ServerSettings settings;
  settings.port = Url::parse(desk.server->mcp_url())->port;
  settings.data = desk.folder.path();
  const auto started = Server::start(settings);
  REQUIRE_FALSE(started);
  CHECK(started.error().code == ErrorCode::system);
}

TEST_CASE("Whoever has signed in uses MCP with all tools, and REST refuses them") {
  ServerDesk desk;
  const std::string issuer = desk.server->issuer();
  const auto metadata = desk.client().Get("/v1/.well-known/oauth-protected-resource");
  REQUIRE(metadata);
  CHECK(parse_json(metadata->body) ==
        Json{{"resource", desk.server->mcp_url()}, {"authorization_servers", {issuer}}});

  httplib::Client auth(issuer);
  const Json registration{{"redirect_uris", {"http://127.0.0.1/callback"}},
                          {"token_endpoint_auth_method", "none"},
                          {"scope", "email"}};
  const auto registered = auth.Post("/oauth/register", to_text(registration), "application/json");
  REQUIRE(registered);
  const std::string client = parse_json(registered->body).at("client_id");
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
  const std::string access = parse_json(tokens->body).at("access_token");

  desk.headers.erase("Authorization");
  desk.headers.emplace("Authorization", "Bearer " + access);
  desk.begin_session();
  const Json organizations = desk.call("platform.list_organizations", Json::object());
  CHECK(organizations.at("count") == 1);  // Ben is in one
  CHECK(desk.call("platform.create_roadmap_item", {{"keyword", "tea"}}).contains("roadmap_item_id"));
  CHECK(desk.client().Get("/v1/api/organizations", desk.headers)->status == 401);

  const auto counts = desk.client().Get("/sandbox/counters");
  REQUIRE(counts);
  CHECK(parse_json(counts->body).at("token_requests").at("authorization_code") == 1);
  CHECK(parse_json(counts->body).at("mcp_requests") == 3);
  CHECK(desk.client().Post("/sandbox/control", "{}", "application/json")->status == 404);
}
