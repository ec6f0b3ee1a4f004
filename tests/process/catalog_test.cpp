#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fstream>
#include <map>

#include "clickflow/bridge/promise.h"
#include "process/support/home.h"
#include "process/support/host.h"
#include "process/support/modern.h"
#include "support/says.h"

using namespace clickflow::testing;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

namespace {

// Far below what any exchange with a silent server takes.
constexpr std::chrono::milliseconds at_once{5000};

const std::string key = "cf_ak_0123456789abcdef";
const std::string session = "session-SECRETsecretSECRET";

const std::string changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

const std::string revision = R"("protocolVersion":"2025-06-18")";
const std::string description =
    R"("capabilities":{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"listChanged":true}},"serverInfo":{"name":"real","version":"7.1","x":1.50},"instructions":"Be \u0067ood.")";
const std::string greeting = "{" + revision + "," + description + "}";

const std::string new_tools = R"({"tools":[{"name":"new","inputSchema":{"type":"object"}}]})";

// As odd as JSON may be.
const std::map<std::string, std::string> lists{
    {"tools/list",
     R"({ "tools" : [ {"name":"work", "inputSchema":{"type":"object"}, "x":1.50, "y":"\u00e9\/"} ], "_meta":{"z":1e2} })"},
    {"prompts/list", R"({"prompts":[ {"name":"p"}]})"},
    {"resources/list", R"({"resources":[{"uri":"a:b" ,"name":"r"}]})"},
    {"resources/templates/list", R"({"resourceTemplates":[]})"}};

struct Server : RawServer {
  Server() {
    on("initialize",
       [](Exchange& exchange) { exchange.result(greeting, "Mcp-Session-Id: " + session + "\r\n"); });
    for (const auto& [method, list] : lists)
      on(method, [result = list](Exchange& exchange) { exchange.result(result); });
  }
};

// The answer to `initialize`.
std::string greet(Host& host) {
  host.request(
      "0", "initialize",
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}})");
  return host.next();
}

std::string ask(Host& host, const std::string& method) {
  host.request("1", method);
  return host.next();
}

// A start that learns all there is.
void meet(const Server& server, const Home& home, const Environment& environment = {}) {
  Host host(server, {}, home.environment(environment));
  host.initialize();
  for (const auto& [method, list] : lists) CHECK(ask(host, method) == make_response("1", list));
  CHECK(host.finish() == Lines{});
  REQUIRE(home.catalogs().size() == 1);
}

// Who a host is told that it talks to, without the server's being asked.
std::string name_told(const RawServer& server, const Home& home, const Arguments& arguments = {},
                      const Environment& environment = {}) {
  const int before = server.connections();
  Host host(server, arguments, home.environment(environment));
  const std::string name = text_at(greet(host), "/result/serverInfo/name");
  CHECK(host.finish() == Lines{});
  CHECK(server.connections() == before);
  return name;
}

}  // namespace

TEST_CASE(
    "A first start is answered at once though the server is silent or gone, and what needs it fails in "
    "words") {
  const bool is_gone = GENERATE(true, false);
  const bool is_modern = GENERATE(true, false);
  CAPTURE(is_gone, is_modern);
  RawServer server;
  server.on("server/discover", [](Exchange& exchange) {
    exchange.await_close();
    exchange.close();
  });
  if (is_gone) server.stop();
  Host host(server, {"--first-byte-timeout", "1"});
  host.check_quiet();  // it has started

  auto began = Clock::now();
  if (is_modern) request_modern(host, "0", "server/discover");
  const std::string told = is_modern ? host.next() : greet(host);
  CHECK(Clock::now() - began < at_once);
  CHECK(server.connections() == 0);
  const auto promised = clickflow::bridge::unknown_server();
  CHECK(value_at(told, "/result/capabilities") == value_at(promised.capabilities, ""));
  CHECK(text_at(told, "/result/instructions") == text_at(promised.instructions, ""));
  if (is_modern) {
    CHECK(value_at(told, "/result/supportedVersions/0") == "\"2026-07-28\"");
    CHECK(value_at(told, "/result/ttlMs") == "0");
  } else {
    CHECK(text_at(told, "/result/protocolVersion") == "2025-11-25");
    host.notify("notifications/initialized");
  }

  if (is_modern) request_modern(host, "1", "tools/list");
  const std::string failure = is_modern ? host.next() : ask(host, "tools/list");
  CHECK(value_at(failure, "/id") == "1");
  CHECK(says(text_at(failure, "/error/message"), is_gone ? "can't be reached" : "did not answer within 1 s"));
  CHECK(text_at(failure, "/error/data/reason") == (is_gone ? "unreachable" : "timed_out"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A second start knows the server though that is gone, to the byte, and a call fails in words") {
  Server server;
  const Home home;
  meet(server, home);
  CHECK(server.await("tools/list").header("MCP-Protocol-Version") == "2025-06-18");
  server.stop();

  Host host(server, {}, home.environment());
  host.check_quiet();
  const auto began = Clock::now();
  CHECK(greet(host) == make_response("0", greeting));
  host.notify("notifications/initialized");
  for (const auto& [method, list] : lists) CHECK(ask(host, method) == make_response("1", list));
  CHECK(Clock::now() - began < at_once);
  host.call("2");
  const std::string call = host.next();
  CHECK(value_at(call, "/id") == "2");
  CHECK(value_at(call, "/result/isError") == "true");
  CHECK(says(text_at(call, "/result/content/0/text"), "can't be reached"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A modern host's second start knows a modern server though that is gone") {
  const std::string tools =
      R"({"resultType":"complete", "tools":[ {"name":"work","inputSchema":{"type":"object"},"x":1.50}],"ttlMs":0,"cacheScope":"public"})";
  ModernServer server;
  server.on("server/discover", [](Exchange& exchange) {
    exchange.result(R"({"resultType":"complete","supportedVersions":["2026-07-28"],)" + description + "}");
  });
  server.on("tools/list", [&](Exchange& exchange) { exchange.result(tools); });
  const Home home;
  {
    Host host(server, {}, home.environment());
    request_modern(host, "1", "tools/list");
    CHECK(host.next() == make_response("1", tools));
    // What the server is, is asked behind.
    CHECK(home.await_kept("ood."));
    CHECK(host.finish() == Lines{});
  }
  server.stop();

  Host host(server, {}, home.environment());
  request_modern(host, "0", "server/discover");
  const std::string told = host.next();
  CHECK(value_at(told, "/result/capabilities") == value_at("{" + description + "}", "/capabilities"));
  CHECK(text_at(told, "/result/instructions") == "Be good.");
  CHECK(text_at(told, "/result/_meta/io.modelcontextprotocol~1serverInfo/name") == "real");
  CHECK(text_at(told, "/result/_meta/io.modelcontextprotocol~1serverInfo/version") == "7.1");
  request_modern(host, "1", "tools/list");
  CHECK(host.next() == make_response("1", tools));
  request_modern(host, "2", "tools/call", R"({"name":"work","arguments":{}})");
  CHECK(says(text_at(host.next(), "/result/content/0/text"), "can't be reached"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE(
    "The host hears once that the tools are others than it was shown, and never that they are the same") {
  const bool have_changed = GENERATE(true, false);
  CAPTURE(have_changed);
  Event greet_back;
  Server server;
  const Home home;
  meet(server, home);
  const std::string& tools = have_changed ? new_tools : lists.at("tools/list");
  server.on("tools/list", [&](Exchange& exchange) { exchange.result(tools); });
  server.on("initialize", [&](Exchange& exchange) {
    greet_back.wait();
    exchange.result(greeting);
  });

  Host host(server, {}, home.environment());
  CHECK(greet(host) == make_response("0", greeting));
  host.notify("notifications/initialized");
  server.await("initialize", 2);
  CHECK(ask(host, "tools/list") == make_response("1", lists.at("tools/list")));
  CHECK(server.count("tools/list") == 1);
  greet_back.set();
  server.await("tools/list", 2);
  if (have_changed) {
    CHECK(host.next() == changed);
    CHECK(ask(host, "tools/list") == make_response("1", tools));
  }
  // Behind, the server is asked for what the host has not asked for; this is the last of it.
  server.await("resources/templates/list", 2);
  CHECK_FALSE(Event().wait(std::chrono::milliseconds(50)));
  host.check_quiet();
  CHECK(ask(host, "tools/list") == make_response("1", tools));
  CHECK(host.finish() == Lines{});

  server.stop();
  Host next(server, {}, home.environment());
  CHECK(greet(next) == make_response("0", greeting));
  CHECK(ask(next, "tools/list") == make_response("1", tools));
  CHECK(next.finish() == Lines{});
}

TEST_CASE("What is kept of a server is for its user's eyes only, and holds no secret") {
  const Server server;
  const Home home;
  meet(server, home, {{"CLICKFLOW_API_KEY", key}});
  const auto mode = [](const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
  };
  const fs::path catalog = home.catalogs().at(0);
  CHECK(mode(catalog.parent_path()) == 0700);
  CHECK(mode(catalog.parent_path().parent_path()) == 0700);
  CHECK(says(contents(catalog), "work"));
  for (const auto& file : home.files()) {
    CAPTURE(file);
    CHECK(mode(file) == 0600);
    CHECK_FALSE(says(file.string() + contents(file), key));
    CHECK_FALSE(says(contents(file), session));
  }
}

TEST_CASE(
    "What is known of a server is known to the same credential, organization, address and profile only") {
  const Server server;
  const Home home;
  const Environment same{{"CLICKFLOW_API_KEY", key}};
  meet(server, home, same);
  CHECK(name_told(server, home, {}, same) == "real");
  CHECK(name_told(server, home, {}, {{"CLICKFLOW_API_KEY", key + "0"}}) == "clickflow-mcp");
  CHECK(name_told(server, home) == "clickflow-mcp");
  CHECK(name_told(server, home, {"--organization", "org_1"}, same) == "clickflow-mcp");
  CHECK(name_told(server, home, {"--url", server.url() + "/other"}, same) == "clickflow-mcp");
  CHECK(name_told(server, home, {"--profile", "work"}, same) == "clickflow-mcp");
  CHECK(name_told(server, home, {"--header", "X-Tenant: 2"}, same) == "clickflow-mcp");
  CHECK(name_told(server, home, {}, same) == "real");
}

TEST_CASE("What is kept and damaged is dropped with a warning, and the start is a first one") {
  const Server server;
  const Home home;
  meet(server, home);
  const fs::path catalog = home.catalogs().at(0);
  const std::string good = contents(catalog);
  for (const std::string& damaged :
       {std::string(), good.substr(0, good.size() / 2), std::string("\0\xff", 2)}) {
    CAPTURE(damaged);
    std::ofstream(catalog, std::ios::binary | std::ios::trunc) << damaged;
    Host host(server, {}, home.environment());
    CHECK(text_at(greet(host), "/result/serverInfo/name") == "clickflow-mcp");
    host.program.await_log("what was kept of the server's lists is dropped: it is damaged");
    CHECK(says(host.program.log(), " warning "));
    CHECK_FALSE(fs::exists(catalog));
    CHECK(ask(host, "tools/list") == make_response("1", lists.at("tools/list")));
    CHECK(host.finish() == Lines{});
    CHECK(name_told(server, home) == "real");  // it is kept anew
  }
}

TEST_CASE("A host that only looks who is there makes no connection, and leaves nothing behind") {
  const int probe = GENERATE(0, 1, 2);
  CAPTURE(probe);
  const RawServer server;
  const Home home;
  Host host(server, {}, home.environment({{"CLICKFLOW_API_KEY", key}}));
  if (probe == 1) CHECK_FALSE(value_at(greet(host), "/result").empty());
  if (probe == 2) {
    request_modern(host, "0", "server/discover");
    CHECK_FALSE(value_at(host.next(), "/result").empty());
  }
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(Clock::now() - began < at_once);
  CHECK(server.connections() == 0);
  CHECK(home.is_empty());
}

TEST_CASE("A list that the server says to be fresh is not asked for again, and one that is not is") {
  const bool is_fresh = GENERATE(true, false);
  CAPTURE(is_fresh);
  ModernServer server;
  server.on("tools/list", [&](Exchange& exchange) {
    exchange.result(R"({"resultType":"complete","tools":[{"name":"work","inputSchema":{}}],"ttlMs":)" +
                    std::string(is_fresh ? "60000" : "0") + R"(,"cacheScope":"private"})");
  });
  Host host(server);
  for (int i = 1; i <= 3; ++i) {
    request_modern(host, std::to_string(i), "tools/list");
    const std::string tools = host.next();
    CHECK(value_at(tools, "/id") == std::to_string(i));
    CHECK(text_at(tools, "/result/tools/0/name") == "work");
    const int rest_ms = std::stoi(value_at(tools, "/result/ttlMs"));
    CHECK(rest_ms <= (is_fresh ? 60'000 : 0));
    CHECK(rest_ms >= (is_fresh ? 1 : 0));
    CHECK(static_cast<int>(server.count("tools/list")) == (is_fresh ? 1 : i));
  }
  CHECK(host.finish() == Lines{});
}
