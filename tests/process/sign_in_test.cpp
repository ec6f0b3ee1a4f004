#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "clickflow/base/form.h"
#include "process/support/host.h"
#include "support/raw_connection.h"
#include "support/says.h"
#include "support/temporary_folder.h"

using namespace clickflow::testing;
using clickflow::Form;
namespace fs = std::filesystem;

namespace {

const std::string access_token = "access-SECRETsecretSECRET1";
const std::string refresh_token = "refresh-SECRETsecretSECRET2";
const std::string code = "code-SECRETsecretSECRET3";

/// An MCP server that wants a sign-in, and is its own authorization server.
struct Server : RawServer {
  Server() {
    on("ping", [](Exchange& exchange) { exchange.answer(401, {}, {}, "WWW-Authenticate: Bearer\r\n"); });
    on("GET", [origin = origin()](Exchange& exchange) {
      const std::string& target = exchange.request.target;
      if (target == "/.well-known/oauth-protected-resource/mcp") {
        exchange.json(R"({"resource":")" + origin + R"(/mcp","authorization_servers":[")" + origin + "\"]}");
      } else if (target == "/.well-known/oauth-authorization-server") {
        exchange.json(R"({"issuer":")" + origin + R"(","authorization_endpoint":")" + origin +
                      R"(/authorize","token_endpoint":")" + origin + R"(/token","registration_endpoint":")" +
                      origin + R"(/register","revocation_endpoint":")" + origin +
                      R"(/revoke","code_challenge_methods_supported":["S256"],)" +
                      R"("authorization_response_iss_parameter_supported":true})");
      } else {
        exchange.answer(404, {}, {});
      }
    });
    on("response", [](Exchange& exchange) {
      const std::string& target = exchange.request.target;
      if (target == "/register") {
        exchange.answer(201, "application/json", R"({"client_id":"registered"})");
      } else if (target == "/token") {
        exchange.json(R"({"access_token":")" + access_token + R"(","refresh_token":")" + refresh_token +
                      R"(","token_type":"Bearer","expires_in":3600})");
      } else if (target == "/revoke") {
        exchange.answer(200, {}, {});
      } else {
        exchange.accept();
      }
    });
  }

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port()); }
  /// The bodies of what was posted to that path.
  Lines posted(const std::string& path) const {
    Lines bodies;
    for (const Request& request : seen("response")) {
      if (request.target == path) bodies.push_back(request.body);
    }
    return bodies;
  }
};

/// A person whose credentials lie in files of the test's own.
struct Person {
  Arguments arguments(const std::string& url, const Arguments& command) const {
    Arguments all{"--url", url, "--token-store", "file"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  Environment environment(Environment more = {}) const {
    more.emplace("CLICKFLOW_HOME", home.path().string());
    return more;
  }
  Outcome run(const std::string& url, const Arguments& command) const {
    return clickflow::testing::run(arguments(url, command), environment());
  }
  /// Of everything that the program keeps.
  std::string files() const {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(home.path())) {
      std::ifstream file(entry.path(), std::ios::binary);
      if (entry.is_regular_file()) all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }

  TemporaryFolder home;
};

/// `login` that waits for the browser, and the browser.
struct Login {
  Login(const Person& person, const std::string& url, Environment environment = {})
      : program(person.arguments(url, {"login"}), person.environment(std::move(environment))) {
    program.await_log("Waiting for you to sign in");
    const std::string log = program.log();
    const size_t begin = log.find("/authorize?") + 11;
    query = Form::decode(log.substr(begin, log.find_first_of(" \n", begin) - begin)).value();
    const std::string redirect(query.get("redirect_uri").value());
    port = std::stoi(redirect.substr(redirect.rfind(':') + 1));
  }

  /// The page that the browser gets for it.
  std::string call_back(const std::string& answer) const {
    RawConnection browser(static_cast<uint16_t>(port));
    browser.send("GET /callback?" + answer + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                 "\r\n\r\n");
    return browser.read_all();
  }
  std::string state() const { return std::string(query.get("state").value()); }
  std::string good(const Server& server) const {
    return Form{{"code", code}, {"state", state()}, {"iss", server.origin()}}.encode();
  }

  Program program;
  Form query;
  int port = 0;
};

}  // namespace

TEST_CASE("Signed in, `status` tells everything but a token, and `logout` has it revoked") {
  const Person person;
  Server server;
  {
    Login login(person, server.url());
    CHECK(says(login.call_back(login.good(server)), "signed in"));
    CHECK(login.program.wait() == Exit{});
    CHECK(says(login.program.read_rest(), "You are signed in to " + server.origin()));
  }
  REQUIRE(server.posted("/token").size() == 1);
  CHECK(says(server.posted("/token")[0], "code_verifier="));

  const Outcome json = person.run(server.url(), {"status", "--json"});
  CHECK(json.exit == Exit{});
  CHECK(text_at(json.out, "/authentication") == "OAuth");
  CHECK(value_at(json.out, "/reachable") == "true");
  CHECK(value_at(json.out, "/renews_itself") == "true");
  CHECK(text_at(json.out, "/endpoint") == server.url());
  CHECK_FALSE(text_at(json.out, "/expires_at").empty());
  CHECK(says(text_at(json.out, "/keychain"), person.home.path().string()));
  CHECK(server.await("initialize").header("Authorization") == "Bearer " + access_token);
  const Outcome human = person.run(server.url(), {"status"});
  CHECK(says(human.out, "Kept in"));
  const std::string kept = person.files();
  REQUIRE(says(kept, access_token));  // of all places, there

  const Outcome logout = person.run(server.url(), {"logout"});
  CHECK(logout.exit == Exit{});
  CHECK(says(logout.out, "is gone from the folder "));
  CHECK(says(logout.out, "The server has revoked it."));
  REQUIRE(server.posted("/revoke").size() == 2);
  CHECK(says(server.posted("/revoke")[0], refresh_token));
  CHECK(says(server.posted("/revoke")[1], access_token));
  for (const Outcome& outcome : {json, human, logout}) CHECK_FALSE(says(outcome.out + outcome.err, "SECRET"));
  CHECK_FALSE(says(person.files(), "SECRET"));
  CHECK(text_at(person.run(server.url(), {"status", "--json"}).out, "/authentication") ==
        "nobody is signed in");
}

TEST_CASE("`logout` forgets everything though the server is gone, and says that it is not revoked") {
  const Person person;
  std::string url;
  {
    Server server;
    url = server.url();
    Login login(person, url);
    login.call_back(login.good(server));
    REQUIRE(login.program.wait() == Exit{});
  }
  REQUIRE(says(person.files(), refresh_token));
  const Outcome logout = person.run(url, {"logout"});
  CHECK(logout.exit == Exit{});
  CHECK(says(logout.out, "is gone from the folder "));
  CHECK(says(logout.out, "The server has not revoked it, so it may count there until it expires: "));
  CHECK_FALSE(says(person.files(), "SECRET"));
  const Outcome status = person.run(url, {"status", "--json"});
  CHECK(status.exit.status == 2);
  CHECK(value_at(status.out, "/reachable") == "false");
  CHECK(text_at(status.out, "/authentication") == "nobody is signed in");
}

TEST_CASE("`login --api-key` takes the key from stdin, and nothing shows it afterwards") {
  const std::string key = "cf_ak_SECRETsecretSECRET4";
  const Person person;
  const RawServer server;
  Program login(person.arguments(server.url(), {"login", "--api-key"}), person.environment());
  login.send(key);
  login.close_stdin();
  const std::string said = login.read_rest();
  CHECK(login.wait() == Exit{});
  CHECK(says(said, "The API key is kept in the folder "));
  const Outcome status = person.run(server.url(), {"status", "--json"});
  CHECK(text_at(status.out, "/authentication") == "API key (kept by login)");
  CHECK(server.await("initialize").header("Authorization") == "Bearer " + key);
  const Outcome logout = person.run(server.url(), {"logout"});
  CHECK(says(logout.out, "The API key is gone from the folder "));
  CHECK_FALSE(says(said + login.log() + status.out + status.err + logout.out + logout.err, "SECRET"));
  CHECK_FALSE(says(person.files(), "SECRET"));
}

TEST_CASE("Where `login` runs is found out and said") {
  struct Row {
    Environment environment;
    std::string words;
  };
  const auto row = GENERATE(Row{{{"WSL_DISTRO_NAME", "Debian"}}, "This is WSL"},
                            Row{{{"SSH_CONNECTION", "10.0.0.2 5 10.0.0.1 22"}}, "connected over SSH"},
                            Row{{{"container", "podman"}}, "This is a container"});
  CAPTURE(row.words);
  const Person person;
  const Server server;
  const Login login(person, server.url(), row.environment);
  login.program.await_log("Waiting for you to sign in");
  CHECK(says(login.program.log(), row.words));
  CHECK(says(login.program.log(),
             "`clickflow-mcp login --no-browser --url " + server.url() + " --token-store file`"));
}

TEST_CASE("Whoever is not signed in is told the login that this sign-in needs") {
  const Person person;
  Server server;
  server.on("initialize",
            [](Exchange& exchange) { exchange.answer(401, {}, {}, "WWW-Authenticate: Bearer\r\n"); });
  const Outcome tools = person.run(server.url(), {"--profile", "work", "--organization", "org_1", "tools"});
  CHECK(says(tools.err, "Sign in with `clickflow-mcp login --url " + server.url() +
                            " --organization org_1 --profile work --token-store file`."));
}

TEST_CASE("Where no sign-in on another device is offered, `login --device` says so and registers nobody") {
  const Person person;
  const Server server;
  const Outcome login = person.run(server.url(), {"login", "--device"});
  CHECK(login.exit.status == 2);
  CHECK(says(login.err, "does not offer sign-ins on another device. Use --no-browser"));
  CHECK(server.posted("/register").empty());
}

TEST_CASE("Without a terminal `login --no-browser` says so at once and registers nobody") {
  const Person person;
  const Server server;
  const Outcome login = person.run(server.url(), {"login", "--no-browser"});
  CHECK(login.exit.status == 2);
  CHECK(login.err ==
        "clickflow-mcp: There is no terminal to ask on. Run it in a terminal (with docker, `-it`), or use "
        "--device.\n");
  CHECK(server.posted("/register").empty());
}

TEST_CASE("What is damaged of a sign-in is replaced by the next `login`") {
  const Person person;
  Server server;
  auto sign_in = [&] {
    Login login(person, server.url());
    CHECK(says(login.call_back(login.good(server)), "signed in"));
    CHECK(login.program.wait() == Exit{});
  };
  sign_in();
  std::vector<fs::path> entries;
  for (const auto& entry : fs::recursive_directory_iterator(person.home.path() / "state" / "tokens")) {
    if (entry.is_regular_file()) entries.push_back(entry.path());
  }
  CHECK(entries.size() == 3);
  for (const auto& entry : entries) {
    CAPTURE(entry);
    std::ofstream(entry, std::ios::app) << "x";
    sign_in();
    CHECK(text_at(person.run(server.url(), {"status", "--json"}).out, "/authentication") == "OAuth");
  }
}

TEST_CASE("A port of --callback-port that another has is told, and nobody is registered") {
  const Person person;
  const Server server;
  const std::string taken = std::to_string(server.port());
  const Outcome login = person.run(server.url(), {"--callback-port", taken, "login"});
  CHECK(login.exit.status == 2);
  CHECK(says(login.err, "Port " + taken + " on 127.0.0.1 is used by another program."));
  CHECK(says(login.err, "--callback-port"));
  CHECK(server.posted("/register").empty());
}

TEST_CASE("Wrong hits end no login, an answer of another issuer ends it, and its code goes nowhere") {
  const Person person;
  const Server server;
  Login login(person, server.url());
  const std::string ours = "&state=" + login.state();
  for (const std::string& wrong :
       {std::string("code=SHOWN"), std::string("code=SHOWN&state=SHOWN"),
        std::string("error=access_denied&error_description=SHOWN"), std::string("error=SHOWN&state=SHOWN"),
        "code=SHOWN" + ours + ours, std::string("%3Cscript%3ESHOWN%3C/script%3E")}) {
    CAPTURE(wrong);
    const std::string page = login.call_back(wrong);
    CHECK(page.starts_with("HTTP/1.1 400 "));
    CHECK_FALSE(says(page, "SHOWN"));
  }
  const std::string page = login.call_back("code=" + code + ours + "&iss=https%3A%2F%2Fevil.example%2FSHOWN");
  CHECK_FALSE(says(page, "SHOWN"));
  CHECK(login.program.wait().status == 2);
  CHECK_FALSE(says(login.program.log(), "SHOWN"));
  CHECK(server.posted("/token").empty());
  CHECK_FALSE(says(person.files(), "SECRET"));
}

TEST_CASE("A sign-in that the server refuses at the farewell is not renewed: that would hold up the end") {
  const Person person;
  Server server;
  {
    Login login(person, server.url());
    login.call_back(login.good(server));
    CHECK(login.program.wait() == Exit{});
  }
  server.on("DELETE",
            [](Exchange& exchange) { exchange.answer(401, {}, {}, "WWW-Authenticate: Bearer\r\n"); });
  server.on("response", [](Exchange& exchange) {
    if (exchange.request.target != "/token") return exchange.accept();
    exchange.await_close();
    exchange.close();
  });
  Host host(server, {"--token-store", "file"}, person.environment());
  host.initialize();
  const auto began = std::chrono::steady_clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  CHECK(server.await("DELETE").header("Authorization") == "Bearer " + access_token);
  CHECK(server.posted("/token").size() == 1);
}
