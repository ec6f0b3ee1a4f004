#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "process/support/host.h"

using namespace clickflow::testing;
namespace fs = std::filesystem;

namespace {

const std::string key = "cf_ak_SECRETsecretSECRET1";
const std::string header = "hunter2-hunter2-hunter2";
const std::string proxy_password = "proxy-password-7";

std::string content_of(const fs::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "clickflow-process-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

}  // namespace

TEST_CASE("The key is gone from the process's environment, and was never in its arguments") {
  RawServer server;
  Host host(server, {}, {{"CLICKFLOW_API_KEY", key}, {"CLICKFLOW_LOG_LEVEL", "debug"}});
  host.initialize();
  const fs::path process = "/proc/" + std::to_string(host.program.pid());
  const std::string environment = content_of(process / "environ");
  CHECK(environment.find("CLICKFLOW_LOG_LEVEL=debug") != std::string::npos);  // it can be read
  CHECK(environment.find("SECRET") == std::string::npos);
  CHECK(content_of(process / "cmdline").find("SECRET") == std::string::npos);
  CHECK(server.await("initialize").header("Authorization") == "Bearer " + key);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Core dumps, which would hold credentials, are off") {
  RawServer server;
  Host host(server);
  host.initialize();
  const std::string limits = content_of("/proc/" + std::to_string(host.program.pid()) + "/limits");
  const size_t at = limits.find("Max core file size");
  REQUIRE(at != std::string::npos);
  std::istringstream line(limits.substr(at + std::string_view("Max core file size").size()));
  std::string soft, hard;
  line >> soft >> hard;
  // A program that collects them would get them at 0. Who has that already can't raise it.
  rlimit ours{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &ours) == 0);
  const std::string off = ours.rlim_max == 0 && ::geteuid() != 0 ? "0" : "1";
  CHECK(soft == off);
  CHECK(hard == off);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("No secret reaches stderr, the log file or stdout, whatever goes wrong") {
  const Folder folder;
  RawServer server;
  // A server that throws everything back, in every place that is ever told of.
  server.on("tools/call", [](Exchange& exchange) {
    const std::string echo =
        exchange.request.header("Authorization") + " " + exchange.request.header("X-Token");
    switch (exchange.request.id()[0]) {
      case '1':
        return exchange.answer(500, "application/json", R"({"error":{"message":)" + json_string(echo) + "}}");
      case '2':
        return exchange.answer(401, "application/json", R"({"error":)" + json_string(echo) + "}",
                               "WWW-Authenticate: Bearer error=\"" + echo + "\"\r\n");
      case '3':
        return exchange.answer(200, echo, echo);
      case '4':
        return exchange.answer(302, {}, {}, "Location: http://127.0.0.1:1/" + echo + "\r\n");
      case '5':
        return exchange.json(echo);
      case '6':
        exchange.send("HTTP/1.1 " + echo + "\r\n\r\n");
        return exchange.close();
      case '7':
        return exchange.result("{}", "Mcp-Session-Id: " + echo + "\r\nX-A: " + echo + "%0d%0a\r\n");
      default:
        exchange.begin_stream();
        exchange.event(echo, echo);
        return exchange.end_stream();
    }
  });
  const fs::path log_file = folder.path / "log.txt";
  Host host(server,
            {"--log-level", "trace", "--log-file", log_file.string(), "--header", "X-Token: " + header,
             "--proxy", "http://user:" + proxy_password + "@127.0.0.1:1"},
            {{"CLICKFLOW_API_KEY", key}});
  host.initialize();
  std::string out;
  for (char id = '1'; id <= '8'; ++id) {
    host.call(std::string(1, id));
    out += host.answer(std::string(1, id)) + "\n";
  }
  CHECK(server.await("tools/call").header("X-Token") == header);
  for (const auto& line : host.finish()) out += line;
  const std::string log = host.program.log();
  CHECK(log.size() > 500);
  CHECK(content_of(log_file).size() > 500);
  CHECK((fs::status(log_file).permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  for (const std::string& secret : {key.substr(6), header, proxy_password}) {
    CAPTURE(secret);
    CHECK(log.find(secret) == std::string::npos);
    CHECK(content_of(log_file).find(secret) == std::string::npos);
    CHECK(out.find(secret) == std::string::npos);
  }
}
