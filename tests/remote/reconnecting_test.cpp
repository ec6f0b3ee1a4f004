#include "../../src/remote/reconnecting.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "../../src/remote/reply.h"

using namespace clickflow;
using namespace std::chrono_literals;
using remote::Pauses;
using remote::Reply;

namespace {

bool nothing(const http::ResponseHead&, const mcp::Message&) {
  return false;
}

// A stream that said this.
Reply stream(const std::string& said = {}) {
  Reply reply(1024, nothing);
  reply.on_head({200, {{"Content-Type", "text/event-stream"}}});
  reply.on_body(said);
  return reply;
}

}  // namespace

TEST_CASE("A stream that was a good one is asked for again when the server wishes, or in a second") {
  Pauses pauses;
  const bool brought_news = GENERATE(true, false);
  const auto took = brought_news ? 0s : 10s;
  for (int i = 0; i < 10; ++i) CHECK(pauses.after(stream(), took, brought_news) == 1s);
  CHECK(pauses.after(stream("retry: 120\n\n"), took, brought_news) == 120ms);
  CHECK(pauses.after(stream("retry: 0\n\n"), took, brought_news) == 100ms);
  CHECK(pauses.after(stream("retry: 600000\n\n"), took, brought_news) == 600s);
  CHECK(pauses.idle() == 0);
}

TEST_CASE("Pauses grow while nothing good comes, to five minutes, and the server can only make them longer") {
  const std::string wish = GENERATE("", "retry: 0\n\n", "retry: 500\n\n");
  const bool there = GENERATE(true, false);
  Pauses pauses;
  const Reply reply = there ? stream(wish) : Reply(1024, nothing);
  const auto took = there ? 9s : 60s;
  auto pause = pauses.after(reply, took, false);
  CHECK(pause == 1s);
  for (int i = 0; i < 20; ++i) {
    const auto next = pauses.after(reply, took, false);
    CHECK(next <= 300s);
    CHECK((next >= pause * 3 / 2 || next >= 225s));
    pause = next;
  }
  CHECK(pause >= 225s);
  CHECK(pauses.idle() == 21);
  CHECK(pauses.after(stream("retry: 600000\n\n"), 0s, false) == 600s);
  CHECK(pauses.after(stream(), 0s, true) == 1s);
  CHECK(pauses.idle() == 0);
}
