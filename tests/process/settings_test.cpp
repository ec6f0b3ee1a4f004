#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"
#include "support/says.h"

using namespace clickflow::testing;

namespace {

std::string text_of(const std::string& answer) {
  return text_at(answer, "/result/content/0/text");
}

std::string tool(std::string_view name, std::string_view more = {}) {
  return R"({"name":)" + json_string(name) + std::string(more) + "}";
}

// Gives the list out in pages, one after another.
void list_pages(RawServer& server, std::vector<std::string> pages) {
  server.on("tools/list", [pages = std::move(pages)](Exchange& exchange) {
    const std::string cursor = exchange.request.param("cursor");
    const size_t page = cursor.empty() ? 0 : std::stoul(cursor.substr(1));
    std::string next;
    if (page + 1 < pages.size()) next = R"(,"nextCursor":")" + std::to_string(page + 1) + "\"";
    exchange.result(R"({"tools":[)" + pages[page] + "]" + next + "}");
  });
  server.on("tools/call", [](Exchange& exchange) { exchange.result(exchange.request.param("name")); });
}

std::vector<std::string> names_in(const std::string& answer) {
  std::vector<std::string> names;
  for (int i = 0;; ++i) {
    std::string name = text_at(answer, "/result/tools/" + std::to_string(i) + "/name");
    if (name.empty()) return names;
    names.push_back(std::move(name));
  }
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("The organization goes with every request") {
  RawServer server;
  Host host(server, {"--organization", "org_abc123"});
  host.initialize();
  server.await("GET");
  host.call("1");
  CHECK_FALSE(host.answer("1").empty());
  CHECK(host.finish() == Lines{});
  for (const char* what : {"initialize", "notifications/initialized", "tools/call", "GET", "DELETE"}) {
    CAPTURE(what);
    CHECK(server.await(what).header("X-Organization-Id") == "org_abc123");
  }
}

TEST_CASE("A pinned organization cannot be left") {
  RawServer server;
  list_pages(server, {tool("platform.switch_organization")});
  const auto* const name = GENERATE(as<const char*>(), "platform.switch_organization",
                                    R"(platform.switch\u005forganization)", "platform_switch_organization");
  CAPTURE(name);
  Host host(server, {"--organization", "org_abc123", "--tool-names", "safe"});
  host.initialize();
  const auto call = [&](std::string_view id, std::string_view arguments) {
    host.request(id, "tools/call",
                 R"({"name":")" + std::string(name) + R"(","arguments":)" + std::string(arguments) + "}");
    return host.answer(id);
  };
  for (const char* other : {R"({"organization_id":"org_other"})",
                            R"({"organization_id":"org_abc123","organization_id":"org_other"})",
                            R"({"organization\u005fid":"org_other"})",
                            R"({"organization_id":["org_abc123"]})", R"({"organization_id":null})"}) {
    CAPTURE(other);
    const std::string refusal = call("1", other);
    CHECK(value_at(refusal, "/result/isError") == "true");
    CHECK(says(text_of(refusal), "The organization is pinned to org_abc123"));
  }
  CHECK(server.count("tools/call") == 0);
  for (const char* own : {R"({"organization_id":"org_abc123"})", R"({"organization_id":"org\u005fabc123"})"})
    CHECK(text_at(call("2", own), "/result") == "platform.switch_organization");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Without a pinned organization the switch is the server's matter") {
  RawServer server;
  Host host(server);
  host.initialize();
  host.request("1", "tools/call",
               R"({"name":"platform.switch_organization","arguments":{"organization_id":"org_x"}})");
  CHECK(text_of(host.next()) == "done");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("What is not allowed is neither listed nor called") {
  RawServer server;
  list_pages(server, {tool("platform.list") + "," + tool("agents.run") + "," + tool("search"),
                      tool("agents.stop") + "," + tool("platform.create")});
  const auto* const names = GENERATE(as<const char*>(), "safe", "original");
  CAPTURE(names);
  const bool safe = std::string(names) == "safe";
  Host host(server, {"--tool-names", names, "--allow", "tools:platform.*", "--allow", "tools:search"});
  host.initialize();
  host.request("1", "tools/list");
  CHECK(names_in(host.answer("1")) == Names{safe ? "platform_list" : "platform.list", "search"});
  host.request("2", "tools/list", R"({"cursor":"1"})");
  CHECK(names_in(host.answer("2")) == Names{safe ? "platform_create" : "platform.create"});

  host.call("3", safe ? "platform_create" : "platform.create");
  CHECK(host.next() == make_response("3", "\"platform.create\""));
  for (const char* forbidden :
       {"agents.run", "agents.stop", "agents.unheard_of", "platform", "search.web", ""}) {
    CAPTURE(forbidden);
    host.call("4", forbidden);
    const std::string refusal = host.next();
    CHECK(value_at(refusal, "/result/isError") == "true");
    CHECK(says(text_of(refusal), "Insufficient scope: tools:" + std::string(forbidden) + ". "));
  }
  if (safe) {
    host.call("5", "agents_run");
    CHECK(says(text_of(host.next()), "Insufficient scope: tools:agents.run. "));
  }
  host.request("6", "tools/call", R"({"name":"search","name":"agents.run"})");
  CHECK(value_at(host.next(), "/error/code") == "-32602");
  CHECK(server.count("tools/call") == 1);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A list in which nothing has to change passes as it came") {
  const std::string list = R"({ "tools" :[ {"name" : "a_b", "inputSchema": {"x": 1.50}} ] , "x": "\u0041" })";
  RawServer server;
  server.on("tools/list", [&](Exchange& exchange) { exchange.result(list); });
  Host host(server, {"--tool-names", "safe", "--allow", "tools:*"});
  host.initialize();
  host.request("1", "tools/list");
  CHECK(host.next() == make_response("1", list));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A list in which names have to change changes in nothing else") {
  RawServer server;
  const auto list = [](std::string_view name) {
    return R"({ "tools" :[{"title":"a.b", "name" : ")" + std::string(name) +
           R"(", "inputSchema": {"name": "a.b", "x": 1.50}}] , "x": "\u0041" })";
  };
  server.on("tools/list", [&](Exchange& exchange) { exchange.result(list("a.b")); });
  Host host(server, {"--tool-names", "safe"});
  host.initialize();
  host.request("1", "tools/list");
  CHECK(host.next() == make_response("1", list("a_b")));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A tool may be called by its shown name and by its own") {
  RawServer server;
  list_pages(server, {tool("platform.list") + "," + tool("search")});
  const bool listed = GENERATE(true, false);
  CAPTURE(listed);
  Host host(server, {"--tool-names", "safe"});
  host.initialize();
  if (listed) {
    host.request("0", "tools/list");
    CHECK(names_in(host.next()) == Names{"platform_list", "search"});
  }
  host.call("1", "platform_list");
  CHECK(host.next() == make_response("1", "\"platform.list\""));
  host.call("2", "platform.list");
  CHECK(host.next() == make_response("2", "\"platform.list\""));
  host.call("3", "search");
  CHECK(host.next() == make_response("3", "\"search\""));
  host.call("4", "nobody_knows_it");
  CHECK(host.next() == make_response("4", "\"nobody_knows_it\""));
  CHECK(server.count("tools/list") == 1);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Tools on different pages never share a name") {
  RawServer server;
  list_pages(server, {tool("a.b") + "," + tool("c.d"), tool("a_b") + "," + tool("a-b"),
                      tool("a b") + "," + tool("a/b")});
  Host host(server, {"--tool-names", "safe"});
  host.initialize();
  Names all;
  for (const char* page : {"{}", R"({"cursor":"1"})", R"({"cursor":"2"})"}) {
    host.request("1", "tools/list", page);
    for (auto& name : names_in(host.next())) all.push_back(std::move(name));
  }
  REQUIRE(all.size() == 6);
  const Names real{"a.b", "c.d", "a_b", "a-b", "a b", "a/b"};
  for (size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i, all[i]);
    CHECK(std::count(all.begin(), all.end(), all[i]) == 1);
    CHECK(all[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos);
    host.call("2", all[i]);
    CHECK(host.next() == make_response("2", json_string(real[i])));
  }
  CHECK(host.finish() == Lines{});
}

TEST_CASE("When the tools change, so do their names") {
  Event change;
  const std::string changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";
  RawServer server;
  list_pages(server, {tool("a.b")});
  server.on("GET", [&](Exchange& exchange) {
    exchange.begin_stream();
    change.wait();
    exchange.event(changed);
    exchange.await_close();
    exchange.close();
  });
  Host host(server, {"--tool-names", "safe"});
  host.initialize();
  host.call("1", "a_b");
  CHECK(host.next() == make_response("1", "\"a.b\""));
  list_pages(server, {tool("a/b")});
  change.set();
  CHECK(host.next() == changed);
  host.call("2", "a_b");
  CHECK(host.next() == make_response("2", "\"a/b\""));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Plain HTTP goes to this machine only") {
  for (const char* url : {"http://example.com/mcp", "http://10.0.0.1/mcp", "http://127.0.0.1.example.com/mcp",
                          "http://localhost.example.com/", "http://[::2]/", "http://0.0.0.0/"}) {
    CAPTURE(url);
    const Outcome outcome = run({"--url", url}, {{"CLICKFLOW_API_KEY", "cf_ak_0123456789abcdef"}});
    CHECK(outcome.exit == Exit{2, 0});
    CHECK(outcome.out.empty());
    CHECK(says(outcome.err, "in the clear"));
  }
  const RawServer server;
  Host host(server, {"--url", "http://localhost:" + std::to_string(server.port()) + "/mcp"});
  host.initialize();
  CHECK(host.finish() == Lines{});
}

TEST_CASE("No option can put a line of its own into a request") {
  const std::string evil = "a\r\nX-Evil: 1";
  const RawServer server;
  for (const Arguments& arguments :
       {Arguments{"--organization", evil}, Arguments{"--header", "X-A: " + evil},
        Arguments{"--header", "X-A\r\nX-Evil: 1"}, Arguments{"--header", "X-A: b\nX-Evil: 1"},
        Arguments{"--header", "X A: b"}, Arguments{"--header", "no colon"}, Arguments{"--header", ": b"},
        Arguments{"--url", server.url() + "\r\nX-Evil: 1"}, Arguments{"--url", server.url() + " HTTP/1.1"}}) {
    CAPTURE(arguments[0], arguments[1]);
    Arguments all = arguments;
    if (all[0] != "--url") all.insert(all.end(), {"--url", server.url()});
    const Outcome outcome = run(all);
    CHECK(outcome.exit == Exit{2, 0});
    CHECK(outcome.out.empty());
    CHECK(says(outcome.err, all[0]));
  }
  CHECK(run({}, {{"CLICKFLOW_URL", server.url()}, {"CLICKFLOW_ORGANIZATION", evil}}).exit == Exit{2, 0});
  CHECK(server.connections() == 0);
}

TEST_CASE("An option wins over its variable, and a variable over the default") {
  RawServer server, other;
  Host host(server, {"--organization", "org_option"},
            {{"CLICKFLOW_URL", other.url()},
             {"CLICKFLOW_ORGANIZATION", "org_variable"},
             {"CLICKFLOW_HEADER", "X-A: b"},
             {"CLICKFLOW_FIRST_BYTE_TIMEOUT", "2"}});
  host.initialize();
  server.on("tools/call", [](Exchange& exchange) {
    exchange.await_close();
    exchange.close();
  });
  host.call("1");
  CHECK(says(text_of(host.next()), "within 2 s"));
  CHECK(host.finish() == Lines{});
  const Request call = server.await("tools/call");
  CHECK(call.header("X-Organization-Id") == "org_option");
  CHECK(call.header("X-A") == "b");
  CHECK(other.connections() == 0);
}

TEST_CASE("A header of one's own goes with every request, and a proxy is not asked for this machine") {
  const std::string nowhere = "http://127.0.0.1:1";
  RawServer server;
  Host host(server, {"--header", "X-Team: news", "--header", "X-Other:  spaced out"},
            {{"HTTP_PROXY", nowhere}, {"http_proxy", nowhere}, {"HTTPS_PROXY", nowhere}});
  host.initialize();
  CHECK(host.finish() == Lines{});
  for (const char* what : {"initialize", "DELETE"}) {
    CHECK(server.await(what).header("X-Team") == "news");
    CHECK(server.await(what).header("X-Other") == "spaced out");
  }
}

TEST_CASE("A proxy variable that can't be used stops nothing where no proxy is used") {
  RawServer server;
  Host host(server, {}, {{"HTTP_PROXY", "socks5://p:1"}, {"HTTPS_PROXY", "https://p:8080"}});
  host.initialize();
  CHECK(host.finish() == Lines{});
}
