#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"
#include "support/says.h"

using namespace clickflow::testing;

namespace {

const std::string key = "cf_ak_0123456789abcdef";

std::string tool_text(const std::string& answer) {
  return text_at(answer, "/result/content/0/text");
}

void refuse(Exchange& exchange, std::string_view body, std::string_view challenge_params = {}) {
  exchange.answer(401, "application/json", body,
                  "WWW-Authenticate: Bearer resource_metadata=\"https://api.example.com/x\"" +
                      std::string(challenge_params) + "\r\n");
}

}  // namespace

TEST_CASE("A key is sent with every request") {
  RawServer server;
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  server.await("GET");
  host.call("1");
  CHECK_FALSE(host.answer("1").empty());
  CHECK(host.finish() == Lines{});
  for (const char* what : {"initialize", "notifications/initialized", "tools/call", "GET", "DELETE"}) {
    CAPTURE(what);
    CHECK(server.await(what).header("Authorization") == "Bearer " + key);
  }
}

TEST_CASE("A 401 is told as far as the server told it") {
  struct Row {
    std::string key;
    std::string body;
    std::string challenge;
    std::string words;
  };
  const auto row =
      GENERATE(Row{key, R"({"error": "unauthorized"})", "", "was refused: it is wrong, revoked or expired"},
               Row{key, "", "", "was refused"}, Row{key, "<html>", "", "was refused"},
               Row{key, R"({"error": "API key has expired"})", "", "The API key has expired."},
               Row{key, R"({"detail": "This key was Revoked."})", "", "The API key has been revoked."},
               Row{key, "", R"(, error="invalid_token", error_description="The key expired")",
                   "The API key has expired."},
               Row{key, "", R"(, error="invalid_token", error_description="key revoked")",
                   "The API key has been revoked."});
  CAPTURE(row.key, row.body, row.challenge);
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) { refuse(exchange, row.body, row.challenge); });
  server.on("resources/list", [&](Exchange& exchange) { refuse(exchange, row.body, row.challenge); });
  Host host(server, {}, {{"CLICKFLOW_API_KEY", row.key}});
  host.initialize();

  host.call("1");
  const std::string result = host.next();
  CAPTURE(result);
  CHECK(value_at(result, "/id") == "1");
  CHECK(value_at(result, "/result/isError") == "true");
  CHECK(says(tool_text(result), row.words));
  CHECK(says(tool_text(result), "Dashboard > Settings > API Keys"));

  host.request("2", "resources/list");
  const std::string error = host.next();
  CHECK(value_at(error, "/id") == "2");
  CHECK(says(text_at(error, "/error/message"), row.words));
  CHECK(text_at(error, "/error/data/reason") == "unauthenticated");
  CHECK(server.count("tools/call") == 1);
  CHECK_FALSE(says(result + error + host.program.log(), key));
  CHECK(host.finish() == Lines{});
}

TEST_CASE(
    "Without a keychain, a 401 at the handshake leaves the host greeted, and it hears why at the tools") {
  RawServer server;
  server.on("initialize", [](Exchange& exchange) { refuse(exchange, R"({"error": "unauthorized"})"); });
  Host host(server);
  host.request("0", "initialize");
  CHECK(text_at(host.next(), "/result/serverInfo/name") == "clickflow-mcp");
  host.request("1", "tools/list");
  const std::string tools = host.next();
  CHECK(value_at(tools, "/id") == "1");
  CHECK(text_at(tools, "/error/data/reason") == "keychain");
  CHECK(says(text_at(tools, "/error/message"), "CLICKFLOW_API_KEY"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A key that is refused at the handshake is told by whatever needs the server") {
  RawServer server;
  const bool at_the_probe = GENERATE(true, false);
  server.on(at_the_probe ? "server/discover" : "initialize",
            [](Exchange& exchange) { refuse(exchange, R"({"error": "unauthorized"})"); });
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.request("0", "initialize");
  CHECK(text_at(host.next(), "/result/serverInfo/name") == "clickflow-mcp");
  host.notify("notifications/initialized");
  host.request("1", "tools/list");
  const std::string tools = host.next();
  CHECK(value_at(tools, "/id") == "1");
  host.request("2", "prompts/get");
  const std::string prompt = host.next();
  CHECK(value_at(prompt, "/id") == "2");
  for (const std::string& error : {tools, prompt}) {
    CHECK(text_at(error, "/error/data/reason") == "unauthenticated");
    CHECK(says(text_at(error, "/error/message"), "was refused"));
    CHECK(says(text_at(error, "/error/message"), "Dashboard > Settings > API Keys"));
  }
  host.call("3");
  const std::string call = host.next();
  CHECK(value_at(call, "/id") == "3");
  CHECK(value_at(call, "/result/isError") == "true");
  CHECK(says(tool_text(call), "was refused"));
  CHECK(host.finish() == Lines{});
  CHECK_FALSE(says(tools + prompt + call + host.program.log(), key));
  CHECK(server.count("tools/list") + server.count("prompts/get") + server.count("tools/call") == 0);
}

TEST_CASE("A 401 whose body never ends is answered all the same") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.send("HTTP/1.1 401 No\r\nContent-Length: 1000000000\r\n\r\n" + std::string(200'000, 'x'));
    exchange.await_close();
    exchange.close();
  });
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  host.call("1");
  CHECK(says(tool_text(host.next()), "was refused"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A key that does not look like one is not sent, and no more of it is shown than its start") {
  const auto* const bad =
      GENERATE(as<const char*>(), "sk-ant-0123456789abcdef", "cf_ak_short", "cf_ak_0123 456789abcdef",
               "cf_ak_0123456789abcdef\r\nX-A: b", "Bearer cf_ak_0123456789abcdef");
  CAPTURE(bad);
  RawServer server;
  Host host(server, {"--log-level", "trace"}, {{"CLICKFLOW_API_KEY", bad}});
  host.call("1");
  const std::string text = tool_text(host.next());
  CHECK(says(text, "does not look like one of ClickFlow's, so it was not sent"));
  CHECK_FALSE(says(text, std::string(bad).substr(0, 8)));
  CHECK(host.finish() == Lines{});
  CHECK_FALSE(says(host.program.log(), std::string(bad).substr(0, 8)));
  CHECK(server.connections() == 0);
}

TEST_CASE("A tool's own refusal for lack of scope passes untouched") {
  const std::string refusal =
      R"({"content":[{"type":"text","text":"Insufficient scope: tools:platform.create_roadmap_item"}],"isError":true})";
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) { exchange.result(refusal); });
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  host.call("1");
  CHECK(host.next() == make_response("1", refusal));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A 403 is told with the server's words") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.answer(403, "application/json",
                    R"({"detail": "Insufficient scope: tools:platform.create_roadmap_item"})");
  });
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  host.call("1");
  const std::string text = tool_text(host.next());
  CHECK(says(text, "does not allow this (\"Insufficient scope: tools:platform.create_roadmap_item\")"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A redirect is never followed, least of all with the key") {
  const int status = GENERATE(301, 302, 303, 307, 308);
  const RawServer other;
  RawServer server;
  const auto redirect = [&](Exchange& exchange) {
    exchange.answer(status, {}, {}, "Location: " + other.url() + "\r\n");
  };
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  for (const char* what : {"tools/call", "tools/list", "notifications/odd", "GET", "DELETE"})
    server.on(what, redirect);
  host.call("1");
  CHECK(says(tool_text(host.next()), "which is not followed"));
  host.request("2", "tools/list");
  CHECK(says(text_at(host.next(), "/error/message"), "which is not followed"));
  host.notify("notifications/odd");
  server.await("notifications/odd");
  CHECK(host.finish() == Lines{});
  CHECK(other.connections() == 0);
}
