#include "clickflow/cli/options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <map>

#include "support/environment_guard.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> variables{"CLICKFLOW_URL",
                                         "CLICKFLOW_ORGANIZATION",
                                         "CLICKFLOW_ALLOW",
                                         "CLICKFLOW_TOOL_NAMES",
                                         "CLICKFLOW_HEADER",
                                         "CLICKFLOW_PROXY",
                                         "CLICKFLOW_CA_FILE",
                                         "CLICKFLOW_CONNECT_TIMEOUT",
                                         "CLICKFLOW_FIRST_BYTE_TIMEOUT",
                                         "CLICKFLOW_SILENCE_TIMEOUT",
                                         "CLICKFLOW_CALL_TIMEOUT",
                                         "CLICKFLOW_LOG_LEVEL",
                                         "CLICKFLOW_LOG_FILE"};

EnvironmentGuard clean() {
  auto guard = EnvironmentGuard::without_proxies();
  for (const auto& name : variables) guard.set(name, std::nullopt);
  return guard;
}

cli::Options parse(std::vector<std::string> arguments) {
  CLI::App app;
  cli::Options options;
  cli::add_options(app, options);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its end
  app.parse(arguments);
  return options;
}

Result<cli::Settings> settings(std::vector<std::string> arguments) {
  return cli::understand(parse(std::move(arguments)));
}

}  // namespace

TEST_CASE("Without options the bridge goes to ClickFlow, with safe names and sound limits") {
  const auto guard = clean();
  const auto set = settings({});
  REQUIRE(set);
  CHECK(set->endpoint.to_string() == "https://api.clickflow.com/v1/mcp");
  CHECK(set->bridge.safe_tool_names);
  CHECK(set->bridge.policy.allowed.empty());
  CHECK(set->bridge.policy.organization.empty());
  CHECK(set->headers.begin() == set->headers.end());
  CHECK(set->limits.connect == 10s);
  CHECK(set->limits.first_byte == 300s);
  CHECK(set->limits.silence == 300s);
  CHECK(set->limits.whole == 3600s);
  CHECK_FALSE(set->client.ca_file);
  CHECK_FALSE(set->api_key);
  CHECK_FALSE(parse({}).log_level);
}

TEST_CASE("Each setting comes from its flag or its variable, and the flag wins") {
  struct Row {
    const char* flag;
    const char* variable;
    std::string (*seen)(const cli::Options&);
    const char* one;
    const char* two;
    const char* seen_one;
    const char* seen_two;
  };
  auto join = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += "<" + part + ">";
    return text;
  };
  static const auto joined = join;
  const auto row =
      GENERATE(Row{"--url", "CLICKFLOW_URL", [](const cli::Options& o) { return o.url; }, "https://a/",
                   "https://b/", "https://a/", "https://b/"},
               Row{"--organization", "CLICKFLOW_ORGANIZATION",
                   [](const cli::Options& o) { return o.organization; }, "org_a", "org_b", "org_a", "org_b"},
               Row{"--allow", "CLICKFLOW_ALLOW", [](const cli::Options& o) { return joined(o.allow); },
                   "tools:a.*,tools:b", "tools:*", "<tools:a.*><tools:b>", "<tools:*>"},
               Row{"--tool-names", "CLICKFLOW_TOOL_NAMES",
                   [](const cli::Options& o) { return std::to_string(o.safe_tool_names); }, "original",
                   "safe", "0", "1"},
               Row{"--protocol", "CLICKFLOW_PROTOCOL", [](const cli::Options& o) { return o.protocol; },
                   "2026-07-28", "auto", "2026-07-28", ""},
               Row{"--header", "CLICKFLOW_HEADER", [](const cli::Options& o) { return joined(o.headers); },
                   "X-A: a, b", "X-B: c", "<X-A: a, b>", "<X-B: c>"},
               Row{"--proxy", "CLICKFLOW_PROXY", [](const cli::Options& o) { return o.proxy; }, "http://p:1",
                   "http://q:2", "http://p:1", "http://q:2"},
               Row{"--ca-file", "CLICKFLOW_CA_FILE", [](const cli::Options& o) { return o.ca_file; },
                   "/a.pem", "/b.pem", "/a.pem", "/b.pem"},
               Row{"--connect-timeout", "CLICKFLOW_CONNECT_TIMEOUT",
                   [](const cli::Options& o) { return std::to_string(o.connect_timeout); }, "1.5", "2",
                   "1.500000", "2.000000"},
               Row{"--first-byte-timeout", "CLICKFLOW_FIRST_BYTE_TIMEOUT",
                   [](const cli::Options& o) { return std::to_string(o.first_byte_timeout); }, "1.5", "2",
                   "1.500000", "2.000000"},
               Row{"--silence-timeout", "CLICKFLOW_SILENCE_TIMEOUT",
                   [](const cli::Options& o) { return std::to_string(o.silence_timeout); }, "1.5", "2",
                   "1.500000", "2.000000"},
               Row{"--call-timeout", "CLICKFLOW_CALL_TIMEOUT",
                   [](const cli::Options& o) { return std::to_string(o.call_timeout); }, "1.5", "2",
                   "1.500000", "2.000000"},
               Row{"--log-level", "CLICKFLOW_LOG_LEVEL",
                   [](const cli::Options& o) { return std::to_string(static_cast<int>(*o.log_level)); },
                   "trace", "off", "0", "5"},
               Row{"--log-file", "CLICKFLOW_LOG_FILE", [](const cli::Options& o) { return o.log_file; },
                   "/a.log", "/b.log", "/a.log", "/b.log"});
  CAPTURE(row.flag);
  auto guard = clean();
  CHECK(row.seen(parse({row.flag, row.one})) == row.seen_one);
  guard.set(row.variable, row.two);
  CHECK(row.seen(parse({})) == row.seen_two);
  CHECK(row.seen(parse({row.flag, row.one})) == row.seen_one);
}

TEST_CASE("Every option has its line in the help, with its variable") {
  CLI::App app;
  cli::Options options;
  cli::add_options(app, options);
  const std::string help = app.help();
  for (const auto& variable : variables) {
    CAPTURE(variable);
    CHECK(help.find(variable) != std::string::npos);
  }
}

TEST_CASE("Options that may be repeated add up") {
  const auto guard = clean();
  const auto set = settings(
      {"--allow", "tools:a.*", "--allow", "tools:b,tools:c", "--header", "X-A: 1", "--header", "X-B:2"});
  REQUIRE(set);
  CHECK(set->bridge.policy.allowed.size() == 3);
  CHECK(set->headers.get("X-A") == "1");
  CHECK(set->headers.get("X-B") == "2");
}

TEST_CASE("The organization is sent with every request and pins the assistant to it") {
  const auto guard = clean();
  const auto set = settings({"--organization", "org_abc", "--header", "X-Organization-Id: org_other"});
  REQUIRE(set);
  CHECK(set->headers.all("X-Organization-Id") == std::vector<std::string_view>{"org_abc"});
  CHECK(set->bridge.policy.organization == "org_abc");
}

TEST_CASE("A command that finds the same sign-in repeats what makes it another than the usual one") {
  const auto guard = clean();
  const auto options = [](std::vector<std::string> arguments) {
    return settings(std::move(arguments))->identity_options;
  };
  CHECK(options({}).empty());
  CHECK(options({"--url", "https://example.com/mcp", "--organization", "org_1", "--profile", "work",
                 "--token-store", "file", "--call-timeout", "5"}) ==
        " --url https://example.com/mcp --organization org_1 --profile work --token-store file");
  CHECK(options({"--url", "https://example.com/mcp?a=1&b=2", "--profile", "my \"$work\""}) ==
        R"( --url "https://example.com/mcp?a=1&b=2" --profile "my \"\$work\"")");
}

TEST_CASE("Limits in seconds become milliseconds") {
  const auto guard = clean();
  const auto set = settings({"--connect-timeout", "0.25", "--first-byte-timeout", "1", "--silence-timeout",
                             "2.5", "--call-timeout", "0.001"});
  REQUIRE(set);
  CHECK(set->limits.connect == 250ms);
  CHECK(set->limits.first_byte == 1s);
  CHECK(set->limits.silence == 2500ms);
  CHECK(set->limits.whole == 1ms);
}

TEST_CASE("http is for loopback only, and https for everywhere") {
  const auto guard = clean();
  for (const char* url : {"http://localhost:8080/mcp", "http://127.0.0.1/", "http://[::1]:1/",
                          "https://10.0.0.1/", "https://example.com/"}) {
    CAPTURE(url);
    CHECK(settings({"--url", url}));
  }
  for (const char* url : {"http://example.com/", "http://10.0.0.1/", "http://localhost.example.com/",
                          "http://127.0.0.1.example.com/", "http://127.0.0.999/"}) {
    CAPTURE(url);
    const auto set = settings({"--url", url});
    REQUIRE_FALSE(set);
    CHECK(set.error().what == "--url: http:// would send your credential and your work in the clear.");
    CHECK(set.error().remedy == "Use https://; http:// is for servers on this machine only.");
  }
}

TEST_CASE(
    "Whatever is wrong with a setting is told in a sentence that names it and one that says what to do") {
  struct Row {
    std::vector<std::string> arguments;
    const char* what;
    const char* remedy;
  };
  const auto row = GENERATE(
      Row{{"--url", "api.clickflow.com"},
          "--url: The URL does not begin with https:// or http://.",
          "https://api.clickflow.com/v1/mcp"},
      Row{{"--url", "https://me:word@h/"},
          "--url: The URL has a user name or password in it.",
          "https://api.clickflow.com/v1/mcp"},
      Row{{"--url", "https://h/#a"},
          "--url: The URL has a fragment (#).",
          "https://api.clickflow.com/v1/mcp"},
      Row{{"--organization", "org a\r\nX: y"},
          "--organization holds characters that no id has.",
          "org_abc123"},
      Row{{"--organization", " org_a"}, "--organization holds characters that no id has.", "org_abc123"},
      Row{{"--allow", "platform.*"}, "--allow: \"platform.*\" is not a scope.", "tools:platform.*"},
      Row{{"--allow", "tools:plat*"}, "--allow: \"tools:plat*\" is not a scope.", "tools:platform.*"},
      Row{{"--header", "no colon"}, "--header: one of them is not a header.", "'Name: value'"},
      Row{{"--header", "X A: b"}, "--header: one of them is not a header.", "'Name: value'"},
      Row{{"--header", ": b"}, "--header: one of them is not a header.", "'Name: value'"},
      Row{{"--header", "X-A: b\r\nX-B: c"}, "--header: one of them is not a header.", "'Name: value'"},
      Row{{"--header", "user-agent: mine"},
          "--header: user-agent is a header that this program sets itself.",
          "Leave it out"},
      Row{{"--header", "Content-Length: 3"},
          "--header: Content-Length is a header that this program sets itself.",
          "Leave it out"},
      Row{{"--header", "MCP-Protocol-Version: 1"},
          "--header: MCP-Protocol-Version is a header that this program sets itself.",
          "Leave it out"},
      Row{{"--proxy", "socks5://p:1"},
          "--proxy: The proxy setting names a kind of proxy that is not supported.",
          "http://host:port"},
      Row{{"--proxy", "http://p:x"}, "--proxy: The proxy setting can't be read.", "http://host:port"});
  CAPTURE(row.what);
  const auto guard = clean();
  const auto set = settings(row.arguments);
  REQUIRE_FALSE(set);
  CHECK(set.error().code == ErrorCode::invalid_input);
  CHECK(set.error().what == row.what);
  CHECK(set.error().remedy.find(row.remedy) != std::string::npos);
}

TEST_CASE("A proxy variable that can't be read is told, by its own name, where that proxy would be used") {
  auto guard = clean();
  guard.set("HTTPS_PROXY", "socks5://p:1");
  const auto set = settings({});
  REQUIRE(set);
  const auto way = set->client.proxy.for_url(set->endpoint);
  REQUIRE_FALSE(way);
  CHECK(way.error().what == "HTTPS_PROXY: The proxy setting names a kind of proxy that is not supported.");
  CHECK(settings({"--proxy", "http://p:1"})->client.proxy.for_url(set->endpoint));
}

TEST_CASE("A list of allowed tools that holds nothing does not allow all") {
  auto guard = clean();
  for (const char* text : {",", ",,", " ", ", ,"}) {
    CAPTURE(text);
    guard.set("CLICKFLOW_ALLOW", text);
    CHECK_FALSE(settings({}));
    const auto given = settings({"--allow", "tools:a"});
    REQUIRE(given);
    CHECK(given->bridge.policy.allowed.size() == 1);
  }
  guard.set("CLICKFLOW_ALLOW", "");
  REQUIRE(settings({}));
  CHECK(settings({})->bridge.policy.allowed.empty());
}

TEST_CASE("A header's value is a secret to the log") {
  const auto guard = clean();
  REQUIRE(settings({"--header", "X-Token: squeamish-ossifrage"}));
  CHECK(log::redact("squeamish-ossifrage") == "[hidden]");
}

TEST_CASE("What is no level, no kind of name or no time is refused by the command line itself") {
  const auto guard = clean();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--log-level", "loud"},
                                             {"--tool-names", "short"},
                                             {"--protocol", "2024-11-05"},
                                             {"--connect-timeout", "0"},
                                             {"--connect-timeout", "-1"},
                                             {"--call-timeout", "x"},
                                             {"--silence-timeout", "1e9"},
                                             {"--nonsense"},
                                             {"--url"}}) {
    CAPTURE(arguments);
    CHECK_THROWS_AS(parse(arguments), CLI::ParseError);
  }
}

TEST_CASE("A word that an option does not know is told with those that it knows") {
  struct Row {
    std::vector<std::string> arguments;
    const char* words;
  };
  const auto row = GENERATE(
      Row{{"--log-level", "loud"}, "--log-level: loud is none of trace, debug, info, warn, error, off."},
      Row{{"--tool-names", "1"}, "--tool-names: 1 is none of safe, original."},
      Row{{"--token-store", "disk"}, "--token-store: disk is none of keychain, file."},
      Row{{"--protocol", "2024-11-05"},
          "--protocol: 2024-11-05 is none of auto, 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26."});
  CAPTURE(row.words);
  const auto guard = clean();
  std::string told;
  try {
    parse(row.arguments);
  } catch (const CLI::ParseError& error) {
    told = error.what();
  }
  CHECK(told == row.words);
}
