#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/home.h"
#include "process/support/host.h"
#include "process/support/modern.h"
#include "process/support/scripts.h"
#include "support/says.h"

using namespace clickflow::testing;

namespace {

const Environment with_key{{"CLICKFLOW_API_KEY", "cf_ak_0123456789abcdef"}};

Outcome run_for(const RawServer& server, Arguments arguments, const Environment& environment = {}) {
  arguments.insert(arguments.begin(), {"--url", server.url()});
  return run(arguments, environment);
}

void list_two(RawServer& server) {
  server.on("tools/list", [](Exchange& exchange) {
    if (exchange.request.param("cursor").empty())
      return exchange.result(
          R"({"tools":[{"name":"platform.list","description":"Lists. More of it."}],"nextCursor":"a"})");
    exchange.result(R"({"tools":[{"name":"search","description":"Finds\nthings"}]})");
  });
}

void answer_with(RawServer& server, std::string result) {
  server.on("tools/call", [result = std::move(result)](Exchange& exchange) { exchange.result(result); });
}

}  // namespace

TEST_CASE("The version and the help go to stdout and end with success") {
  const Outcome version = run({"--version"});
  CHECK(version.exit == Exit{});
  CHECK(version.out == "clickflow-mcp " CLICKFLOW_VERSION "\n");
  CHECK(version.err.empty());
  const Outcome help = run({"--help"});
  CHECK(help.exit == Exit{});
  CHECK(help.err.empty());
  for (const char* word : {"--url",
                           "--organization",
                           "--allow",
                           "--tool-names",
                           "--header",
                           "--proxy",
                           "--ca-file",
                           "--connect-timeout",
                           "--first-byte-timeout",
                           "--silence-timeout",
                           "--call-timeout",
                           "--log-level",
                           "--log-file",
                           "--version",
                           "serve",
                           "tools",
                           "call",
                           "api",
                           "status",
                           "CLICKFLOW_API_KEY"}) {
    CAPTURE(word);
    CHECK(says(help.out, word));
  }
  for (const char* command : {"serve", "tools", "call", "api", "status"})
    CHECK(run({command, "--help"}).exit == Exit{});
  CHECK(says(run({"call", "--help"}).out, R"('name="3"' a text)"));
}

TEST_CASE("A command whose output nobody takes ends by itself and not by a signal") {
  Event gone;
  RawServer server;
  server.on("tools/list", [&](Exchange& exchange) {
    gone.wait();
    exchange.result(R"({"tools":[{"name":"platform.list"}]})");
  });
  Program program({"--url", server.url(), "tools"}, with_key);
  server.await("tools/list");
  program.close_stdout();
  gone.set();
  CHECK(program.wait() == Exit{});
}

TEST_CASE("A command whose output can't be written ends with 2 and says so") {
  const auto command = GENERATE(as<std::string>{}, "tools", "tools --json", "call work",
                                "api GET roadmap-items", "status", "status --json");
  CAPTURE(command);
  RawServer server;
  server.on("GET", [](Exchange& exchange) { exchange.answer(200, "application/json", R"({"items":[]})"); });
  // A stdout that is open for reading only.
  const Outcome outcome =
      run({"-c", "exec '" + program_path() + "' --url " + server.url() + " " + command + " 1</dev/null"},
          with_key, "/bin/sh");
  CHECK(outcome.exit == Exit{2, 0});
  CHECK(says(outcome.err, "The output could not be written: "));
}

TEST_CASE("A command line that is wrong ends with 2 and says why, on stderr alone") {
  const auto arguments =
      GENERATE(Arguments{"--nonsense"}, Arguments{"nonsense"}, Arguments{"tools", "too", "many"},
               Arguments{"call"}, Arguments{"api", "GET"}, Arguments{"--url"}, Arguments{"--url", "nonsense"},
               Arguments{"--url", "ftp://a/"}, Arguments{"--url", "https://user:hunter2@example.com/"},
               Arguments{"--allow", "platform.*"}, Arguments{"--allow", "tools:plat*"},
               Arguments{"--tool-names", "short"}, Arguments{"--log-level", "loud"},
               Arguments{"--call-timeout", "0"}, Arguments{"--call-timeout", "-1"},
               Arguments{"--call-timeout", "soon"}, Arguments{"--proxy", "socks5://127.0.0.1:1"},
               Arguments{"call", "work", "--arg", "nonsense"}, Arguments{"call", "work", "--arg", "=5"},
               Arguments{"call", "work", "[1]"}, Arguments{"call", "work", "{"});
  CAPTURE(arguments);
  const Outcome outcome = run(arguments);
  CHECK(outcome.exit == Exit{2, 0});
  CHECK(outcome.out.empty());
  CHECK_FALSE(outcome.err.empty());
  CHECK_FALSE(says(outcome.err, "hunter2"));
}

TEST_CASE("What is wrong with a command line is said in two sentences, in the words of every other error") {
  struct Row {
    Arguments arguments;
    std::string words;
  };
  const auto row = GENERATE(
      Row{{"call"}, "clickflow-mcp: TOOL is required. `clickflow-mcp call --help` says what can be given.\n"},
      Row{{"--callback-port", "99999"},
          "clickflow-mcp: --callback-port: 99999 is no port, which is a number from 0 to 65535. "
          "`clickflow-mcp --help` says what can be given.\n"},
      Row{{"--connect-timeout", "0"},
          "clickflow-mcp: --connect-timeout: 0 is no number of seconds from 0.001 to 1000000. `clickflow-mcp "
          "--help` "
          "says what can be given.\n"});
  CHECK(run(row.arguments).err == row.words);
}

TEST_CASE("`tools` lists every page, as a table or as JSON") {
  RawServer server;
  list_two(server);
  const Outcome table = run_for(server, {"tools"});
  CHECK(table.exit == Exit{});
  CHECK(table.out == "platform_list  Lists.\nsearch         Finds\n");
  CHECK(table.err.empty());
  server.await("DELETE");
  CHECK(server.count("DELETE") == 1);

  const Outcome whole = run_for(server, {"tools", "--json", "--tool-names", "original"});
  CHECK(whole.exit == Exit{});
  CHECK(text_at(whole.out, "/0/name") == "platform.list");
  CHECK(text_at(whole.out, "/1/description") == "Finds\nthings");

  const Outcome some = run_for(server, {"--allow", "tools:search", "tools"});
  CHECK(some.out == "search  Finds\n");
  CHECK(run_for(server, {"tools", "--allow", "tools:nothing"}).out ==
        "There are no tools that you may use.\n");
}

TEST_CASE("`call` prints the tool's text and ends with 0") {
  RawServer server;
  list_two(server);
  answer_with(server, R"({"content":[{"type":"text","text":"one"},{"type":"image","data":"QQ=="},)"
                      R"({"type":"text","text":"t\u001b[31mwo\nlines"}],"isError":false})");
  const Outcome outcome = run_for(server, {"call", "platform_list"});
  CHECK(outcome.exit == Exit{});
  // Nothing that a terminal would take for a command.
  CHECK(outcome.out == "one\n{\"type\":\"image\",\"data\":\"QQ==\"}\nt[31mwo\nlines\n");
  CHECK(outcome.err.empty());
  CHECK(server.await("tools/call").param("name") == "\"platform.list\"");
  const Outcome whole = run_for(server, {"call", "platform.list", "--json"});
  CHECK(text_at(whole.out, "/content/1/data") == "QQ==");
}

TEST_CASE("An option that may be repeated takes no more than one word, so that a command's may follow it") {
  RawServer server;
  list_two(server);
  const Outcome outcome = run_for(server, {"call", "--allow", "tools:search", "search"});
  CHECK(outcome.exit == Exit{});
  CHECK(server.await("tools/call").param("name") == "\"search\"");
}

TEST_CASE("`call` ends with 1 when the tool failed, and with 2 when it could not be asked") {
  RawServer server;
  list_two(server);
  answer_with(server, R"({"content":[{"type":"text","text":"no"}],"isError":true})");
  const Outcome failed = run_for(server, {"call", "search"});
  CHECK(failed.exit == Exit{1, 0});
  CHECK(failed.out == "no\n");

  server.on("tools/call", [](Exchange& exchange) {
    exchange.json(R"({"jsonrpc":"2.0","id":)" + exchange.request.id() +
                  R"(,"error":{"code":-32602,"message":"Unknown tool"}})");
  });
  const Outcome unknown = run_for(server, {"call", "search"});
  CHECK(unknown.exit == Exit{2, 0});
  CHECK(unknown.out.empty());
  CHECK(says(unknown.err, "Unknown tool. `clickflow-mcp tools` lists the tools"));

  const Outcome unreachable = run({"--url", "http://127.0.0.1:1/mcp", "call", "search"});
  CHECK(unreachable.exit == Exit{2, 0});
  CHECK(unreachable.out.empty());
  CHECK(says(unreachable.err, "can't be reached"));
}

TEST_CASE("`call` ends with 2 where no tool has answered, and says so on stderr alone") {
  struct Row {
    Arguments options;
    std::function<void(Exchange&)> answer;
    std::string words;
  };
  const auto row =
      GENERATE(Row{{"--call-timeout", "1"}, [](Exchange& exchange) { exchange.await_close(); }, "1 s"},
               Row{{"--allow", "tools:other"}, [](Exchange&) {}, "kept to some tools by --allow"},
               Row{{}, [](Exchange& exchange) { exchange.reset(); }, "connection"},
               Row{{}, [](Exchange& exchange) { exchange.answer(401, {}, {}); }, "The API key was refused"});
  CAPTURE(row.words);
  RawServer server;
  list_two(server);
  server.on("tools/call", row.answer);
  Arguments arguments{"call", "search"};
  arguments.insert(arguments.end(), row.options.begin(), row.options.end());
  const Outcome outcome = run_for(server, arguments, with_key);
  CHECK(outcome.exit == Exit{2, 0});
  CHECK(outcome.out.empty());
  CHECK(says(outcome.err, row.words));
}

TEST_CASE("`call` takes its arguments as JSON, as name=value, and as both") {
  struct Row {
    Arguments given;
    std::string sent;
  };
  const auto row = GENERATE(
      Row{{}, "{}"}, Row{{R"({"a": 1})"}, R"({"a":1})"},
      Row{{"--arg", "keyword=news"}, R"({"keyword":"news"})"},
      Row{{"--arg", "n=3", "--arg", "x=-1.5"}, R"({"n":3,"x":-1.5})"},
      Row{{"--arg", "yes=true", "--arg", "no=null"}, R"({"yes":true,"no":null})"},
      Row{{"--arg", R"(n="3")"}, R"({"n":"3"})"}, Row{{"--arg", "list=[1,2]"}, R"({"list":[1,2]})"},
      Row{{"--arg", "formula=a=b"}, R"({"formula":"a=b"})"}, Row{{"--arg", "empty="}, R"({"empty":""})"},
      Row{{"--arg", "text=two words, ü"}, R"({"text":"two words, ü"})"},
      Row{{R"({"a": 1, "b": 2})", "--arg", "a=3"}, R"({"a":3,"b":2})"});
  CAPTURE(row.given);
  RawServer server;
  Arguments arguments{"call", "work"};
  arguments.insert(arguments.end(), row.given.begin(), row.given.end());
  CHECK(run_for(server, arguments).exit == Exit{});
  CHECK(server.await("tools/call").param("arguments") == row.sent);
}

TEST_CASE("`call` shows progress on stderr while the tool runs") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.begin_stream();
    exchange.event(R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                   R"({"progressToken":1,"progress":1,"total":4,"message":"Drafting"}})");
    exchange.event(make_response(exchange.request.id(), R"({"content":[{"type":"text","text":"done"}]})"));
    exchange.end_stream();
  });
  const Outcome outcome = run_for(server, {"call", "work"});
  CHECK(outcome.exit == Exit{});
  CHECK(outcome.out == "done\n");
  CHECK(says(outcome.err, "25 %  Drafting"));
}

TEST_CASE("A server that talks nonsense does not make a command crash") {
  struct Row {
    std::string result;  ///< of whatever the command asks for
    Arguments arguments;
  };
  const auto row =
      GENERATE(Row{"5", {"status"}}, Row{R"({"serverInfo":5})", {"status"}}, Row{"[]", {"tools"}},
               Row{R"({"tools":5})", {"tools"}}, Row{R"({"tools":[5]})", {"tools"}},
               Row{R"({"tools":[{"name":5,"description":[]}]})", {"tools"}},
               Row{R"({"tools":[],"nextCursor":5})", {"tools", "--json"}}, Row{R"("text")", {"call", "work"}},
               Row{R"({"content":5})", {"call", "work"}}, Row{R"({"content":[5]})", {"call", "work"}},
               Row{R"({"content":[{"type":5}]})", {"call", "work"}},
               Row{R"({"content":[{"type":"text","text":5}]})", {"call", "work"}},
               Row{R"({"content":[],"isError":"yes"})", {"call", "work", "--json"}});
  CAPTURE(row.result, row.arguments);
  RawServer server;
  if (row.arguments[0] == "status")
    server.on("initialize", [&](Exchange& exchange) { exchange.result(row.result); });
  server.on("tools/list", [&](Exchange& exchange) { exchange.result(row.result); });
  server.on("tools/call", [&](Exchange& exchange) { exchange.result(row.result); });
  const Outcome outcome = run_for(server, row.arguments);
  CHECK(outcome.exit.signal == 0);
  CHECK(outcome.exit.status <= 2);
}

TEST_CASE("Progress that is nonsense takes nothing from what the tool has answered") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.begin_stream();
    for (const char* params :
         {"", R"(,"params":{})", R"(,"params":[])", R"(,"params":{"progress":"half","total":[],"message":5})",
          R"(,"params":{"progress":7,"total":null,"message":null})"})
      exchange.event(R"({"jsonrpc":"2.0","method":"notifications/progress")" + std::string(params) + "}");
    exchange.event(make_response(exchange.request.id(),
                                 R"({"content":[{"type":"text","text":"done"}],"isError":null})"));
    exchange.end_stream();
  });
  const Outcome outcome = run_for(server, {"call", "work"});
  CHECK(outcome.exit == Exit{});
  CHECK(outcome.out == "done\n");
  CHECK(says(outcome.err, "     7  \n"));
}

TEST_CASE("What a tool has answered is printed, also where it is not what MCP says") {
  const auto content = GENERATE(as<std::string>{}, "5", R"({"type":null})", R"({"type":"text","text":null})");
  CAPTURE(content);
  RawServer server;
  answer_with(server, R"({"content":[)" + content + R"(],"isError":"yes"})");
  const Outcome outcome = run_for(server, {"call", "work"});
  CHECK(outcome.exit == Exit{});
  CHECK(outcome.out == content + "\n");
}

TEST_CASE("A tool without a name or a description is listed with the others") {
  RawServer server;
  server.on("tools/list", [](Exchange& exchange) {
    exchange.result(R"({"tools":[{"name":"work","description":null},{"name":null,"description":"Nobody"}]})");
  });
  const Outcome outcome = run_for(server, {"tools"});
  CHECK(outcome.exit == Exit{});
  CHECK(says(outcome.out, "work"));
}

TEST_CASE("`api` calls REST beside the endpoint, with the key") {
  RawServer server;
  server.on("GET", [](Exchange& exchange) { exchange.answer(200, "application/json", R"({"items":[]})"); });
  for (const char* path : {"roadmap-items?status=drafted", "/roadmap-items?status=drafted",
                           "/api/roadmap-items?status=drafted"}) {
    CAPTURE(path);
    const Outcome outcome = run_for(server, {"api", "get", path}, with_key);
    CHECK(outcome.exit == Exit{});
    CHECK(value_at(outcome.out, "/items") == "[]");
    const Request request = server.seen("GET").back();
    CHECK(request.target == "/api/roadmap-items?status=drafted");
    CHECK(request.header("Authorization") == "Bearer cf_ak_0123456789abcdef");
  }
  const Outcome posted = run_for(server, {"api", "POST", "roadmap-items", R"({"keyword":"news"})"}, with_key);
  CHECK(posted.exit == Exit{});
  CHECK(server.await("response").body == R"({"keyword":"news"})");
  CHECK(server.await("response").header("Content-Type") == "application/json");
}

TEST_CASE("What may have been done is to be looked at before `api` is asked for it again") {
  RawServer server;
  server.on("GET", [](Exchange& exchange) { exchange.close(); });
  server.on("response", [](Exchange& exchange) { exchange.close(); });
  server.on("DELETE", [](Exchange& exchange) { exchange.answer(502, {}, {}); });
  const Outcome read = run_for(server, {"api", "GET", "roadmap-items"}, with_key);
  CHECK(read.exit == Exit{2, 0});
  CHECK(says(read.err, "broke before its answer was complete. Try again later."));
  const Outcome made = run_for(server, {"api", "post", "roadmap-items", R"({"keyword":"news"})"}, with_key);
  CHECK(made.exit == Exit{2, 0});
  CHECK(says(made.err, "whether the request was carried out is not known. Look at the result"));
  const Outcome removed = run_for(server, {"api", "DELETE", "roadmap-items/ri_1"}, with_key);
  CHECK(removed.exit == Exit{1, 0});
  CHECK(says(removed.err, "HTTP 502. Look at the result in ClickFlow before you try again."));
}

TEST_CASE("What a key looks like is said as it is") {
  const Outcome outcome = run({"api", "GET", "roadmap-items"}, {{"CLICKFLOW_API_KEY", "sk-other"}});
  CHECK(outcome.exit == Exit{2, 0});
  CHECK(says(outcome.err, "it begins with cf_ak_."));
}

TEST_CASE("`api` goes out with a header of one's own rather than with the key") {
  RawServer server;
  server.on("GET", [](Exchange& exchange) { exchange.answer(401, {}, {}); });
  const Arguments arguments{"--header", "Authorization: Bearer mine", "api", "GET", "roadmap-items"};
  for (const Environment& environment : {with_key, Environment{}}) {
    const Outcome outcome = run_for(server, arguments, environment);
    CHECK(outcome.exit == Exit{1, 0});
    CHECK(says(outcome.err, "The credential in your Authorization header was refused"));
    CHECK(server.seen("GET").back().header("Authorization") == "Bearer mine");
  }
}

TEST_CASE("`api` tells that the keychain can't be read, and what needs none") {
  RawServer server;
  const Outcome outcome = run_for(server, {"api", "GET", "roadmap-items"});
  CHECK(outcome.exit == Exit{2, 0});
  CHECK(says(outcome.err, "An API key in CLICKFLOW_API_KEY needs no keychain."));
  CHECK_FALSE(says(outcome.err, "there is none"));
  CHECK(server.count("GET") == 0);
}

TEST_CASE("`api` tells a refusal with 1, and what can't be asked with 2") {
  RawServer server;
  server.on("GET", [](Exchange& exchange) {
    exchange.answer(403, "application/json", R"({"detail": "Insufficient scope: tools:platform.x"})");
  });
  const Outcome forbidden = run_for(server, {"api", "GET", "roadmap-items"}, with_key);
  CHECK(forbidden.exit == Exit{1, 0});
  CHECK(says(forbidden.out, "Insufficient scope: tools:platform.x"));
  CHECK(says(
      forbidden.err,
      "ClickFlow answered with HTTP 403. Give the key that scope under Dashboard > Settings > API Keys."));

  server.on("GET", [](Exchange& exchange) {
    exchange.answer(403, "application/json", R"({"detail": "Organization not found"})");
  });
  const Outcome foreign = run_for(server, {"api", "GET", "roadmap-items"}, with_key);
  CHECK(foreign.exit == Exit{1, 0});
  CHECK(says(foreign.err, "HTTP 403. Check the organization and the scopes of your API key."));

  const Outcome without_key = run_for(server, {"--token-store", "file", "api", "GET", "roadmap-items"});
  CHECK(without_key.exit == Exit{2, 0});
  CHECK(says(without_key.err, "OAuth does not work there"));
  CHECK(run_for(server, {"api", "GET", "x", "{"}, with_key).exit == Exit{2, 0});
  CHECK(run_for(server, {"api", "G ET", "x"}, with_key).exit == Exit{2, 0});
  CHECK(run_for(server, {"api", "GET", "x\r\nX-A: b"}, with_key).exit == Exit{2, 0});
  CHECK(server.count("GET") == 2);
}

TEST_CASE("`api` says to each status that is no success what can be done") {
  const auto status = GENERATE(400, 404, 405, 409, 429, 500, 302);
  CAPTURE(status);
  RawServer server;
  server.on("GET", [&](Exchange& exchange) { exchange.answer(status, {}, {}); });
  const Outcome outcome = run_for(server, {"api", "GET", "roadmap-items"}, with_key);
  CHECK(outcome.exit == Exit{1, 0});
  const std::string what = "ClickFlow answered with HTTP " + std::to_string(status) + ". ";
  REQUIRE(says(outcome.err, what));
  CHECK(outcome.err.substr(outcome.err.find(what) + what.size()).ends_with(".\n"));
}

TEST_CASE("`status` says where this goes and whether anybody is there") {
  const RawServer server;
  const Outcome accepted = run_for(server, {"status"}, with_key);
  CHECK(accepted.exit == Exit{});
  CHECK(says(accepted.out, server.url()));
  CHECK(says(accepted.out, "API key"));
  CHECK(says(accepted.out, "raw 1, MCP 2025-11-25"));
  CHECK_FALSE(says(accepted.out, "cf_ak_"));

  const Outcome json = run_for(server, {"status", "--json", "--organization", "org_x"}, with_key);
  CHECK(value_at(json.out, "/reachable") == "true");
  CHECK(text_at(json.out, "/endpoint") == server.url());
  CHECK(text_at(json.out, "/organization") == "org_x");

  const Outcome nobody = run({"--url", "http://127.0.0.1:1/mcp", "status", "--json"});
  CHECK(nobody.exit == Exit{2, 0});
  CHECK(value_at(nobody.out, "/reachable") == "false");
  CHECK(says(text_at(nobody.out, "/problem"), "can't be reached"));
}

TEST_CASE("`status` names the revision that a modern server speaks") {
  const ModernServer server;
  CHECK(says(run_for(server, {"status"}, with_key).out, "raw 1, MCP 2026-07-28,"));
  const Outcome json = run_for(server, {"status", "--json"}, with_key);
  CHECK(text_at(json.out, "/protocol_version") == "2026-07-28");
}

TEST_CASE("`status` says once what is wrong with the keychain") {
  RawServer server;
  const auto refuse = [](Exchange& exchange) { exchange.answer(401, {}, {}); };
  server.on("server/discover", refuse);
  server.on("initialize", refuse);
  const Outcome outcome = run_for(server, {"status"});
  CHECK(outcome.exit == Exit{2, 0});
  const std::string problem = text_at(run_for(server, {"status", "--json"}).out, "/keychain_problem");
  REQUIRE_FALSE(problem.empty());
  const size_t first = outcome.out.find(problem);
  REQUIRE(first != std::string::npos);
  CHECK(outcome.out.find(problem, first + 1) == std::string::npos);
  // Where the server wants nobody to be signed in, nothing else would say it.
  CHECK(says(run_for(RawServer(), {"status"}).out, problem));
}

TEST_CASE("`status` says once that a key can't be used") {
  const RawServer server;
  const Outcome outcome = run_for(server, {"status"}, {{"CLICKFLOW_API_KEY", "sk-other"}});
  CHECK(outcome.exit == Exit{2, 0});
  const size_t first = outcome.out.find("does not look like one of ClickFlow's");
  REQUIRE(first != std::string::npos);
  CHECK(outcome.out.find("does not look like", first + 1) == std::string::npos);
  CHECK_FALSE(says(outcome.out, "Keychain"));
}

TEST_CASE("A command tells what it fails with once, and logs it where the log is asked for") {
  const Arguments arguments{"--url", "http://127.0.0.1:1/mcp", "--token-store", "file", "tools"};
  const Outcome usual = run(arguments);
  CHECK(usual.err.starts_with("clickflow-mcp: "));
  CHECK(std::count(usual.err.begin(), usual.err.end(), '\n') == 1);
  CHECK(says(run(arguments, {{"CLICKFLOW_LOG_LEVEL", "warn"}}).err, " warning "));

  const TemporaryFolder folder;
  const auto file = folder / "a.log";
  CHECK(run(arguments, {{"CLICKFLOW_LOG_FILE", file.string()}}).err == usual.err);
  CHECK(says(contents(file), " warning initialize failed "));

  Program serve({"--url", "http://127.0.0.1:1/mcp", "--token-store", "file"});
  serve.send(R"({"jsonrpc":"2.0","id":1,"method":"prompts/list"})");
  serve.await_log(" warning ");
}

TEST_CASE("`serve` is what happens without a command") {
  const RawServer server;
  for (const Arguments& command : {Arguments{}, Arguments{"serve"}}) {
    Arguments arguments{"--url", server.url()};
    arguments.insert(arguments.end(), command.begin(), command.end());
    Program program(arguments);
    program.send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
    CHECK(program.read_line() == make_response("1", "{}"));
    program.close_stdin();
    CHECK(program.wait() == Exit{});
  }
}
