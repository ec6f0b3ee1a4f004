#include <catch2/catch_test_macros.hpp>
#include <map>
#include <mutex>
#include <set>

#include "process/support/host.h"

using namespace clickflow::testing;

namespace {

// A server whose sessions work in org_home until they are switched. Every call says where it ran.
class Organizations {
 public:
  Organizations() {
    server.on("tools/call", [this](Exchange& exchange) {
      const Request& request = exchange.request;
      const std::string session = request.header("Mcp-Session-Id");
      std::lock_guard lock(mutex_);
      if (lost_.contains(session)) return exchange.answer(404, {}, {});
      auto& organization = organizations_.try_emplace(session, "org_home").first->second;
      if (request.param("name") == R"("platform.switch_organization")") {
        if (refuses_) return exchange.result(R"({"content":[],"isError":true})");
        organization = text_at(request.param("arguments"), "/organization_id");
      }
      exchange.result(R"({"content":[],"structuredContent":{"in":)" + json_string(organization) + "}}");
    });
  }
  void lose_sessions(bool refuses = false) {
    std::lock_guard lock(mutex_);
    for (const auto& [session, organization] : organizations_) lost_.insert(session);
    refuses_ = refuses;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> organizations_;
  std::set<std::string> lost_;
  bool refuses_ = false;

 public:
  RawServer server;  // the last: its threads use the others
};

const std::string switch_away =
    R"("name":"platform.switch_organization","arguments":{"organization_id":"org_away"})";
const std::string work = R"("name":"work","arguments":{})";

std::string organization_of(const std::string& answer) {
  return text_at(answer, "/result/structuredContent/in");
}

}  // namespace

TEST_CASE("Calls work in the organization that was switched to after the session is lost, or not at all") {
  Organizations organizations;
  Host host(organizations.server);
  host.initialize();
  host.request("1", "tools/call", "{" + switch_away + "}");
  CHECK(organization_of(host.answer("1")) == "org_away");
  organizations.lose_sessions();
  host.call("2");
  CHECK(organization_of(host.answer("2")) == "org_away");
  organizations.lose_sessions(true);
  host.call("3");
  CHECK(text_at(host.answer("3"), "/result/content/0/text") ==
        R"(The switch to another organization ({"organization_id":"org_away"}) could not be made again in a )"
        "new session with the server; this call was not sent. Switch again, then repeat it.");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A modern host's switch holds whatever capabilities its later calls declare") {
  Organizations organizations;
  Host host(organizations.server);
  const auto call = [&](const std::string& id, const std::string& capabilities, const std::string& params) {
    host.request(id, "tools/call",
                 R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                 R"("io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},)"
                 R"("io.modelcontextprotocol/clientCapabilities":)" +
                     capabilities + "}," + params + "}");
    return organization_of(host.answer(id));
  };
  CHECK(call("1", R"({"sampling":{}})", work) == "org_home");
  CHECK(call("2", "{}", switch_away) == "org_away");
  CHECK(call("3", R"({"sampling":{}})", work) == "org_away");
  CHECK(call("4", R"({"elicitation":{}})", work) == "org_away");
  organizations.lose_sessions();
  CHECK(call("5", R"({"elicitation":{}})", work) == "org_away");
  CHECK(host.finish() == Lines{});
}
