#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

struct Device {
  AuthDesk desk;
  std::string client = desk.client();
  Json codes = json(start(client));

  Reply start(const std::string& who,
              Fields more = {{"scope", "openid offline_access"}, {"resource", resource}}) {
    more.emplace_back("client_id", who);
    return desk.post("/oauth/device_authorization", more);
  }
  Reply poll(const std::string& who) {
    return desk.post("/oauth/token", {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                                      {"client_id", who},
                                      {"device_code", codes.at("device_code").get<std::string>()},
                                      {"resource", resource}});
  }
  std::string error() {
    const Reply reply = poll(client);
    return reply.status == 200 ? "" : json(reply).at("error").get<std::string>();
  }
  std::string page() const {
    return "/device?" + Form{{"user_code", codes.at("user_code").get<std::string>()}}.encode();
  }
  void decide(const char* decision) {
    Browser browser(desk);
    const std::string consent = browser.sign_in(page()).body;
    REQUIRE(has(consent, codes.at("user_code").get<std::string>()));
    REQUIRE(browser
                .post(page(), {{"form_token", Browser::token(consent)},
                               {"organization", "org_xyz789"},
                               {"decision", decision}})
                .status == 200);
  }
};

}  // namespace

TEST_CASE("A device gets its tokens once a person has typed its code and allowed it") {
  Device device;
  CHECK(device.codes.at("verification_uri") == std::string(issuer) + "/device");
  CHECK(device.codes.at("expires_in") == 600);
  CHECK(device.codes.at("interval") == 5);
  CHECK(device.error() == "authorization_pending");
  device.decide("allow");
  device.desk.hands.move(std::chrono::seconds(5));
  const Reply reply = device.poll(device.client);
  REQUIRE(reply.status == 200);
  const auto caller = device.desk.server->caller_of(json(reply).at("access_token").get<std::string>());
  REQUIRE(caller);
  CHECK(caller->organization == "org_xyz789");
  CHECK(json(reply).contains("refresh_token"));
  device.desk.hands.move(std::chrono::seconds(5));
  CHECK(device.error() == "invalid_grant");  // once
}

TEST_CASE("A device that is denied hears it") {
  Device device;
  device.decide("deny");
  CHECK(device.error() == "access_denied");
}

TEST_CASE("A device that asks too soon is slowed down by five seconds each time") {
  Device device;
  CHECK(device.error() == "authorization_pending");
  device.desk.hands.move(std::chrono::seconds(4));
  CHECK(device.error() == "slow_down");  // now every 10 s
  device.desk.hands.move(std::chrono::seconds(9));
  CHECK(device.error() == "slow_down");  // now every 15 s
  device.desk.hands.move(std::chrono::seconds(15));
  CHECK(device.error() == "authorization_pending");
}

TEST_CASE("A device's code is good for ten minutes, on the page and for the device") {
  Device device;
  Browser browser(device.desk);
  device.desk.hands.move(std::chrono::seconds(599));
  CHECK(device.error() == "authorization_pending");
  CHECK(browser.get(device.page()).status == 200);
  device.desk.hands.move(std::chrono::seconds(1));
  CHECK(device.error() == "expired_token");
  CHECK(browser.get(device.page()).status == 400);
}

TEST_CASE("A device's code is no other client's, and what it asks for is checked") {
  Device device;
  const std::string other = device.desk.client();
  CHECK(json(device.poll(other)).at("error") == "invalid_grant");
  CHECK(json(device.start(device.client, {{"resource", "https://api.clickflow.com/v1/mcp"}})).at("error") ==
        "invalid_target");
  CHECK(json(device.start(device.client)).contains("device_code"));
  CHECK(json(device.start(device.client, {{"scope", "admin"}, {"resource", resource}})).at("error") ==
        "invalid_scope");
  CHECK(device.start("client_of_nobody").status == 401);
  Json metadata = AuthDesk::public_client();
  metadata["grant_types"] = {"authorization_code"};
  const std::string no_device = json(device.desk.register_with(metadata)).at("client_id");
  CHECK(json(device.start(no_device)).at("error") == "unauthorized_client");
}

TEST_CASE("A person may type the code in small letters, and then sees it as the device shows it") {
  Device device;
  Browser browser(device.desk);
  std::string typed = device.codes.at("user_code");
  typed.erase(4, 1);
  for (char& c : typed) c = static_cast<char>(c - 'A' + 'a');
  const Reply consent = browser.sign_in("/device?user_code=" + typed);
  CHECK(consent.status == 200);
  CHECK(has(consent.body, device.codes.at("user_code").get<std::string>()));
}

TEST_CASE("A code that is not known is refused, and nothing of it becomes markup") {
  Device device;
  Browser browser(device.desk);
  const Reply wrong = browser.get("/device?user_code=%3Cb%3EBCDF");
  CHECK(wrong.status == 400);
  CHECK(has(wrong.body, "not known"));
  CHECK_FALSE(has(wrong.body, "<b>BCDF"));
}

TEST_CASE("Nobody can answer for a person on the device page") {
  Device device;
  Browser browser(device.desk);
  browser.sign_in(device.page());
  CHECK(browser.post(device.page(), {{"form_token", "guessed"}, {"decision", "allow"}}).status == 403);
  CHECK(device.desk.post(device.page(), {{"decision", "allow"}}).status == 403);
  CHECK(device.error() == "authorization_pending");
}
