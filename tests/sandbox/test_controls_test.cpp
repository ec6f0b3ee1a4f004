#include "clickflow/sandbox/test_controls.h"

#include "oauth/support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

struct Controlled {
  AuthDesk desk{{}, true};
  std::string client = desk.client();
  Json tokens = tokens_for(desk, client);

  Reply order(const Json& orders, const char* type = "application/json") {
    return desk.server->controls().handle(
        {"POST", "/sandbox/control", {{"content-type", type}}, to_text(orders)});
  }
  Reply refresh() {
    return desk.post("/oauth/token", refresh_fields(client, tokens.at("refresh_token").get<std::string>()));
  }
  bool is_accepted() {
    return desk.server->caller_of(tokens.at("access_token").get<std::string>()).has_value();
  }
};

}  // namespace

TEST_CASE("The controls do nothing in a sandbox that was not started for them") {
  AuthDesk desk;
  const Reply reply = desk.server->controls().handle(
      {"POST", "/sandbox/control", {{"content-type", "application/json"}}, R"({"forget_clients": true})"});
  CHECK(reply.status == 404);
}

TEST_CASE("The token endpoint fails as often as a test orders, and spends nothing") {
  Controlled it;
  CHECK(it.order({{"fail_token_endpoint", {{"times", 2}, {"status", 503}, {"retry_after", 1}}}}).status ==
        200);
  const Reply first = it.refresh();
  CHECK(first.status == 503);
  CHECK(header(first, "Retry-After") == "1");
  CHECK(it.refresh().status == 503);
  CHECK(it.refresh().status == 200);
}

TEST_CASE("Access tokens expire when a test orders it, and a refresh gives new ones") {
  Controlled it;
  CHECK(it.is_accepted());
  it.order({{"expire_access_tokens", true}});
  CHECK_FALSE(it.is_accepted());
  it.tokens = json(it.refresh());
  CHECK(it.is_accepted());
}

TEST_CASE("Clients are forgotten when a test orders it") {
  Controlled it;
  it.order({{"forget_clients", true}});
  CHECK(it.refresh().status == 401);
  CHECK(json(it.refresh()).at("error") == "invalid_client");
}

TEST_CASE("A family ends when a test orders it, by its id or with all others") {
  Controlled it;
  it.order({{"revoke_family", "grant_of_nobody"}});
  CHECK(it.is_accepted());
  it.order(
      {{"revoke_family", it.desk.server->caller_of(it.tokens.at("access_token").get<std::string>())->id}});
  CHECK_FALSE(it.is_accepted());
  CHECK(json(it.refresh()).at("error") == "invalid_grant");
  it.tokens = tokens_for(it.desk, it.client);
  it.order({{"revoke_family", true}});
  CHECK_FALSE(it.is_accepted());
}

TEST_CASE("Orders that make no sense are refused") {
  Controlled it;
  CHECK(it.order({{"explode", true}}).status == 400);
  CHECK(it.order(Json::array()).status == 400);
  CHECK(it.order({{"forget_clients", 1}}).status == 400);
  CHECK(it.order({{"fail_token_endpoint", {{"times", 1}, {"status", 200}}}}).status == 400);
  CHECK(it.order({{"fail_token_endpoint", {{"times", 1}}}}).status == 400);
  CHECK(it.order({{"forget_clients", true}}, "text/plain").status == 415);  // what a page could send unasked
  CHECK(it.is_accepted());
}

TEST_CASE("The counters tell what was seen") {
  Controlled it;
  it.refresh();
  it.desk.post("/oauth/token", {{"grant_type", "<b>"}});
  const Json counts = it.desk.counters.to_json();
  CHECK(counts.at("token_requests").at("authorization_code") == 1);
  CHECK(counts.at("token_requests").at("refresh_token") == 1);
  CHECK(counts.at("token_requests").at("other") == 1);
  CHECK(counts.at("registrations") == 1);
  CHECK(counts.at("authorize_page_views").at("sign_in") == 1);
}
