#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "support/remote_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

const std::string note = notification_text("notifications/message");
const std::string quick = "retry: 1\n\n";

std::string result(const std::string& id) {
  return mcp::make_result(id, "{}");
}

}  // namespace

TEST_CASE(
    "An answer's stream that broke is taken up again behind the last event, and the call is not sent again") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + sse_event(note, "e-1"), "id: e-2\ndata: half of an ev"})
        .then(ErrorCode::lost);
  };
  rig.server.on_get = [](const http::Request& request, const auto&) {
    const std::string last = header(request, "Last-Event-ID");
    if (last == "e-1") return Played::stream({sse_event(note, "e-2")}).then(ErrorCode::lost);
    return Played::stream({sse_event(result("7"), "e-3")});
  };
  CHECK(rig.send(request("7", "tools/call")));
  CHECK(rig.received.messages == std::vector<std::string>{note, note, result("7")});
  CHECK(rig.server.count("session-1 tools/call") == 1);
  const auto requests = rig.http.requests();
  REQUIRE(requests.size() == 5);
  CHECK(requests[3].method == "GET");
  CHECK(header(requests[3], "Last-Event-ID") == "e-1");
  CHECK(header(requests[3], "Accept") == "text/event-stream");
  CHECK(header(requests[3], "Mcp-Session-Id") == "session-1");
  CHECK(header(requests[3], "MCP-Protocol-Version") == "2025-11-25");
  CHECK(header(requests[4], "Last-Event-ID") == "e-2");
}

TEST_CASE("A stream that the server closed in good order before its answer is taken up again as well") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + "id: e-1\ndata:\n\n"});
  };
  rig.server.on_get = [](const auto&, const auto&) { return Played::stream({sse_event(result("7"))}); };
  CHECK(rig.ask(request("7", "tools/call")) == result("7"));
}

TEST_CASE("The server's pause is kept before a stream is taken up again") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({"retry: 120\n" + sse_event(note, "e-1")});
  };
  rig.server.on_get = [](const auto&, const auto&) { return Played::stream({sse_event(result("7"))}); };
  const Stopwatch took;
  CHECK(rig.send(request("7", "tools/call")));
  CHECK(took.elapsed() >= 120ms);
}

TEST_CASE("A stream without ids can't be taken up again, and the call is not repeated") {
  const auto id = GENERATE("", "id: a\xC3\xA9\n");
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [&](const auto&, const auto&, const auto&) {
    return Played::stream({quick + id + sse_event(note)}).then(ErrorCode::lost);
  };
  const auto sent = rig.send(request("7", "tools/call"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::lost);
  CHECK(rig.http.requests().size() == 3);
}

TEST_CASE("A server that can't take the stream up again leaves the call lost") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + sse_event(note, "e-1")});
  };
  const int status = GENERATE(405, 404, 400, 501);
  rig.server.on_get = [=](const auto&, const auto&) { return Played::nothing(status); };
  const auto sent = rig.send(request("7", "tools/call"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::lost);
  CHECK(sent.error().what.find("whether the request was carried out is not known") != std::string::npos);
  CHECK(rig.http.requests().size() == 4);
  CHECK(rig.server.count("session-1 tools/call") == 1);
}

TEST_CASE(
    "A server that is busy, in trouble or away when a call is to be taken up again is asked again, after "
    "pauses that grow") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + sse_event(note, "e-1")});
  };
  const std::vector<int> statuses =
      GENERATE(std::vector{0, 503, 429}, std::vector{409, 408, 502}, std::vector{0, 0, 500});
  size_t asked = 0;
  rig.server.on_get = [&](const http::Request& request, const auto&) {
    CHECK(header(request, "Last-Event-ID") == "e-1");
    if (asked == statuses.size()) return Played::stream({sse_event(result("7"))});
    const int status = statuses[asked++];
    return status == 0 ? Played::broken(ErrorCode::unreachable) : Played::nothing(status);
  };
  const Stopwatch took;
  CHECK(rig.ask(request("7", "tools/call")) == "answers: 2");
  CHECK(took.elapsed() >= 100ms + 150ms + 225ms + 335ms);
  CHECK(rig.server.count("session-1 tools/call") == 1);
}

TEST_CASE("What is no message does not keep a stream from being taken up again, as often as it breaks") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + sse_event("nonsense", "e-1")}).then(ErrorCode::lost);
  };
  rig.server.on_get = [](const http::Request& request, const auto&) {
    if (header(request, "Last-Event-ID") == "e-1")
      return Played::stream({sse_event("nonsense", "e-2")}).then(ErrorCode::lost);
    return Played::stream({sse_event(result("7"))});
  };
  CHECK(rig.ask(request("7", "tools/call")) == result("7"));
}

TEST_CASE("A stream that brings nothing new is given up after a few times") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({quick + sse_event(note, "e-1")});
  };
  rig.server.on_get = [](const auto&, const auto&) { return Played::stream({}); };
  CHECK(rig.send(request("7", "tools/call")).error().code == ErrorCode::lost);
  CHECK(rig.http.requests().size() == 3 + 4);
}

TEST_CASE("A call that can't be finished in its time is given up, whatever pause the server wants") {
  http::Limits limits;
  limits.whole = 300ms;
  RemoteRig rig(limits);
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({"retry: 60000\n" + sse_event(note, "e-1")});
  };
  const Stopwatch took;
  const auto sent = rig.send(request("7", "tools/call"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::timed_out);
  CHECK(took.elapsed() < 5s);
}

TEST_CASE("A call that is cancelled while its stream pauses ends at once") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) {
    return Played::stream({"retry: 60000\n" + sse_event(note, "e-1")});
  };
  const Cancellation cancellation;
  std::thread canceller([&] {
    rig.http.wait_for_requests(3);
    std::this_thread::sleep_for(20ms);
    cancellation.cancel();
  });
  Collected received;
  const Stopwatch took;
  const auto sent = rig.remote.send(request("7", "tools/call"), received, {cancellation, false, {}});
  CHECK(sent.error().code == ErrorCode::cancelled);
  CHECK(took.elapsed() < 5s);
  canceller.join();
}

TEST_CASE(
    "What the server starts by itself is received, taken up again where it broke, until it is cancelled") {
  RemoteRig rig;
  rig.greet();
  const std::string question = request_text("\"s-1\"", "roots/list");
  const Cancellation cancellation;
  int round = 0;
  rig.server.on_get = [&](const auto&, const Cancellation& mine) {
    switch (++round) {
      case 1:
        return Played::stream({quick + sse_event(note, "l-1"), sse_event(result("5"), "l-2")})
            .then(ErrorCode::lost);
      case 2:
        return Played::stream({quick + sse_event(question, "l-3")});
      default:
        cancellation.cancel();
        CHECK(mine.cancelled());
        return Played::broken(ErrorCode::cancelled);
    }
  };
  Collected received;
  rig.remote.listen(received, cancellation);
  CHECK(received.messages == std::vector<std::string>{note, question});  // a response there is nobody's
  const auto requests = rig.http.requests();
  REQUIRE(requests.size() == 5);
  CHECK(header(requests[2], "Last-Event-ID") == "none");
  CHECK(header(requests[2], "Accept") == "text/event-stream");
  CHECK(header(requests[2], "Mcp-Session-Id") == "session-1");
  CHECK_FALSE(requests[2].limits.whole);
  CHECK(header(requests[3], "Last-Event-ID") == "l-2");
  CHECK(header(requests[4], "Last-Event-ID") == "l-3");
}

TEST_CASE("A server that offers no stream of its own is not asked again") {
  const int status = GENERATE(405, 400, 403, 501, 200, 204);
  RemoteRig rig;
  rig.greet();
  rig.server.on_get = [=](const auto&, const auto&) { return Played::nothing(status); };
  const Stopwatch took;
  rig.remote.listen(rig.received, {});
  CHECK(took.elapsed() < 900ms);
  CHECK(rig.http.requests().size() == 3);
}

TEST_CASE("A server that has not noticed yet that its stream broke is asked for it again") {
  RemoteRig rig;
  rig.greet();
  const Cancellation cancellation;
  int round = 0;
  rig.server.on_get = [&](const http::Request& request, const auto&) {
    switch (++round) {
      case 1:
        return Played::stream({quick + sse_event(note, "l-1")}).then(ErrorCode::lost);
      case 2:
        return Played::nothing(409);
      default:
        CHECK(header(request, "Last-Event-ID") == "l-1");
        cancellation.cancel();
        return Played::broken(ErrorCode::cancelled);
    }
  };
  rig.remote.listen(rig.received, cancellation);
  CHECK(round == 3);
}

TEST_CASE("A server that can't take its stream up again is asked for a new one, once") {
  RemoteRig rig;
  rig.greet();
  const int status = GENERATE(400, 405, 410);
  bool opened = false;
  rig.server.on_get = [&](const auto&, const auto&) {
    if (std::exchange(opened, true)) return Played::nothing(status);
    return Played::stream({quick + sse_event(note, "l-1")});
  };
  rig.remote.listen(rig.received, {});
  const auto requests = rig.http.requests();
  REQUIRE(requests.size() == 5);
  CHECK(header(requests[3], "Last-Event-ID") == "l-1");
  CHECK(header(requests[4], "Last-Event-ID") == "none");
}

TEST_CASE("A stream that brings nothing is not asked for again at once, whatever the server wishes") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_get = [](const auto&, const auto&) { return Played::stream({"retry: 0\n\n"}); };
  const Cancellation cancellation;
  std::thread listener([&] { rig.remote.listen(rig.received, cancellation); });
  CHECK(rig.http.wait_for_requests(3));
  CHECK_FALSE(rig.http.wait_for_requests(4, 200ms));
  cancellation.cancel();
  listener.join();
}

TEST_CASE("A listener that finds the session lost makes a new one, and begins anew in it") {
  RemoteRig rig;
  rig.greet();
  const Cancellation cancellation;
  rig.server.on_get = [&](const http::Request& request, const auto&) {
    if (header(request, "Mcp-Session-Id") == "session-1") {
      if (header(request, "Last-Event-ID") == "none") return Played::stream({quick + sse_event(note, "l-1")});
      return Played::nothing(404);
    }
    cancellation.cancel();
    return Played::broken(ErrorCode::cancelled);
  };
  rig.remote.listen(rig.received, cancellation);
  const auto last = rig.http.requests().back();
  CHECK(header(last, "Mcp-Session-Id") == "session-2");
  CHECK(header(last, "Last-Event-ID") == "none");
  CHECK(rig.server.count("none initialize") == 2);
}

TEST_CASE(
    "A server that answers every listening with 404 has no stream, and loses no more sessions over it") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_get = [](const auto&, const auto&) { return Played::nothing(404); };
  const Cancellation cancellation;
  std::thread canceller([&] {
    std::this_thread::sleep_for(300ms);
    cancellation.cancel();
  });
  rig.remote.listen(rig.received, cancellation);
  CHECK(rig.server.count("none initialize") <= 2);
  canceller.join();
}

TEST_CASE("A listener that was refused is woken by a sign-in, and by no other call") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_get = [&](const http::Request& request, const auto&) {
    if (header(request, "Authorization") == "Bearer token") return Played::nothing(401);
    return Played::nothing(405);
  };
  std::thread listener([&] { rig.remote.listen(rig.received, {}); });
  REQUIRE(rig.http.wait_for_requests(3));
  // Two rests later the next is two seconds at least.
  REQUIRE(rig.http.wait_for_requests(4));
  REQUIRE(rig.ask(request("1", "tools/list")));
  CHECK_FALSE(rig.http.wait_for_requests(6, 200ms));
  rig.tokens.sign_in("signed in");
  const Stopwatch took;
  REQUIRE(rig.ask(request("2", "tools/list")));
  listener.join();
  CHECK(took.elapsed() < 1s);
  CHECK(header(rig.http.requests().back(), "Authorization") == "Bearer signed in");
}

TEST_CASE("A listener waits before it asks a server again that is in trouble") {
  const int status = GENERATE(500, 503, 429, 0);
  RemoteRig rig;
  rig.greet();
  rig.server.on_get = [=](const auto&, const auto&) {
    return status == 0 ? Played::broken(ErrorCode::unreachable) : Played::nothing(status);
  };
  const Cancellation cancellation;
  std::thread canceller([&] {
    std::this_thread::sleep_for(200ms);
    cancellation.cancel();
  });
  rig.remote.listen(rig.received, cancellation);
  CHECK(rig.http.requests().size() == 3);
  canceller.join();
}
