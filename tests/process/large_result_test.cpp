#include <catch2/catch_test_macros.hpp>

#include "process/support/host.h"

using namespace clickflow::testing;

namespace {

// Every kind of character that could be taken for something else on the way.
std::string large_result(size_t size) {
  std::string text = R"({"content":[{"type":"text","text":")";
  for (int i = 0; text.size() < size; ++i)
    text += R"(\r\n\ndata: \"id\":7 \u0000 \ud83d\ude00 )"
            "\xC3\xA9\xF0\x9F\x98\x80\x7F " +
            std::to_string(i);
  return text + R"("}],"number":1234567890123456789012345.600e-7, "spaces" : [ 1 ,	2 ]})";
}

}  // namespace

TEST_CASE("A 20 MB result arrives byte for byte, as JSON and as an event, several at once") {
  const std::string result = large_result(20'000'000);
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    if (exchange.request.id() == "1") return exchange.result(result);
    exchange.begin_stream();
    exchange.event(make_response(exchange.request.id(), result));
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  host.call("2");
  std::string first = host.program.read_line();
  std::string second = host.program.read_line();
  if (first.starts_with(R"({"jsonrpc":"2.0","id":2)")) std::swap(first, second);
  // Not by CHECK(a == b), which would print them.
  const bool same = first == make_response("1", result) && second == make_response("2", result);
  CHECK(same);
  CHECK(host.finish() == Lines{});
}
