#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <fstream>

#include "process/support/host.h"

// Not built under sanitizers, which have a memory management of their own.
using namespace clickflow::testing;

namespace {

constexpr size_t size = 20 * 1000 * 1000;

// In KiB.
size_t memory(const Program& program, const std::string& which) {
  std::ifstream status("/proc/" + std::to_string(program.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(which + ":")) return std::stoul(line.substr(which.size() + 1));
  }
  return 0;
}

std::string large_result() {
  std::string text = R"({"content":[{"type":"text","text":")";
  while (text.size() < size) text += R"(line\nand \"quoted\" \u00e9 )";
  return text + "\"}]}";
}

void check_passage(const RawServer::Handler& answer, const std::string& result, const std::string& how) {
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.request.param("name") == "\"large\"" ? answer(exchange) : exchange.result("{}");
  });
  Host host(server);
  host.initialize();
  host.call("1", "small");
  CHECK(host.next() == make_response("1", "{}"));

  const size_t before = memory(host.program, "VmRSS");
  host.call("2", "large");
  const bool same = host.program.read_line() == make_response("2", result);
  CHECK(same);
  const size_t peak = memory(host.program, "VmHWM");
  host.call("3", "small");
  CHECK(host.next() == make_response("3", "{}"));
  const size_t after = memory(host.program, "VmRSS");

  std::printf(
      "%s, %zu bytes: %zu KiB before, %zu KiB at most (%.2f times the size more), %zu KiB afterwards\n",
      how.c_str(), result.size(), before, peak, 1024.0 * static_cast<double>(peak - before) / size, after);
  CHECK(1024.0 * static_cast<double>(peak - before) < 2.2 * size);
  CHECK(after < before + 4 * 1024);
  CHECK(host.finish() == Lines{});
}

}  // namespace

TEST_CASE("A 20 MB result as JSON takes at most 2.2 times its size, and gives it back (without sanitizers)") {
  const std::string result = large_result();
  check_passage([&](Exchange& exchange) { exchange.result(result); }, result, "JSON with a length");
  check_passage(
      [&](Exchange& exchange) {
        exchange.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.stream(make_response("2", result));
        exchange.end_stream();
      },
      result, "JSON in chunks");
}

TEST_CASE(
    "A 20 MB result as an event takes at most 2.2 times its size, and gives it back (without sanitizers)") {
  const std::string result = large_result();
  check_passage(
      [&](Exchange& exchange) {
        exchange.begin_stream();
        exchange.event(make_response("2", result), "e-1");
        exchange.end_stream();
      },
      result, "an event");
}
