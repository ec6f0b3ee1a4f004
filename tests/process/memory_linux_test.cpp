#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <fstream>

#include "process/support/host.h"
#include "process/support/modern.h"

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

void call(Host& host, bool is_modern, std::string_view id, const std::string& tool) {
  if (!is_modern) return host.call(id, tool);
  request_modern(host, id, "tools/call", R"({"name":")" + tool + R"(","arguments":{}})");
}

void check_passage(RawServer& server, bool modern_host, const RawServer::Handler& answer,
                   const std::string& result, const std::string& how) {
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.request.param("name") == "\"large\"" ? answer(exchange) : exchange.result("{}");
  });
  Host host(server);
  if (!modern_host) {
    host.request(
        "\"init\"", "initialize",
        R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}})");
    CHECK_FALSE(host.answer("\"init\"").empty());
    host.notify("notifications/initialized");
  }
  call(host, modern_host, "1", "small");
  CHECK(value_at(host.answer("1"), "/id") == "1");

  const size_t before = memory(host.program, "VmRSS");
  call(host, modern_host, "2", "large");
  const std::string end = modern_host ? R"(,"resultType":"complete"})" : "}";
  const bool same = host.program.read_line() == make_response("2", result.substr(0, result.size() - 1) + end);
  CHECK(same);
  const size_t peak = memory(host.program, "VmHWM");
  call(host, modern_host, "3", "small");
  CHECK(value_at(host.answer("3"), "/id") == "3");
  // The thread that carried it may still have to let go of it.
  const size_t bound = before + 4 * 1024;
  size_t after = memory(host.program, "VmRSS");
  for (int i = 0; i < 1000 && after >= bound; ++i) {
    Event().wait(std::chrono::milliseconds(10));
    after = memory(host.program, "VmRSS");
  }

  std::printf(
      "%s, %zu bytes: %zu KiB before, %zu KiB at most (%.2f times the size more), %zu KiB afterwards\n",
      how.c_str(), result.size(), before, peak, 1024.0 * static_cast<double>(peak - before) / size, after);
  CHECK(1024.0 * static_cast<double>(peak - before) < 2.2 * size);
  CHECK(after < bound);
  CHECK(host.finish() == Lines{});
}

void check_passage(const RawServer::Handler& answer, const std::string& result, const std::string& how) {
  RawServer server;
  check_passage(server, false, answer, result, how);
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

TEST_CASE("A 20 MB result takes no more on its way to or from the current revision (without sanitizers)") {
  const std::string result = large_result();
  const auto answer = [&](Exchange& exchange) { exchange.result(result); };
  RawServer legacy;
  check_passage(legacy, true, answer, result, "from a legacy server");
  ModernServer modern;
  check_passage(modern, true, answer, result, "from a modern server that leaves out the result's type");
  ModernServer for_legacy_host;
  check_passage(for_legacy_host, false, answer, result, "from a modern server to a legacy host");
}

TEST_CASE("Where the system gives no more threads every request is answered, and the program lives") {
  RawServer server;
  Event go;
  server.on("tools/call", [&](Exchange& exchange) {
    if (exchange.request.param("name") == "\"slow\"") go.wait();
    exchange.result("{}");
  });
  Host host(server);
  host.initialize();
  host.call("0");
  CHECK_FALSE(host.answer("0").empty());
  // Less than a thread's stack.
  const rlimit bound{1024 * memory(host.program, "VmSize") + 4 * 1024 * 1024, RLIM_INFINITY};
  REQUIRE(::prlimit(host.program.pid(), RLIMIT_AS, &bound, nullptr) == 0);
  constexpr int count = 20;
  for (int i = 1; i <= count; ++i) host.call(std::to_string(i), "slow");
  host.program.await_log("the system gives no thread");
  go.set();
  for (int i = 1; i <= count; ++i) CHECK_FALSE(host.answer(std::to_string(i)).empty());
  CHECK(host.finish() == Lines{});
}
