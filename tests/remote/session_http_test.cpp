#include "clickflow/remote/session_http.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/remote_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

// Answers every request (but the handshake) with this.
void answer_with(RemoteRig& rig, Played played) {
  rig.server.on_request = [played = std::move(played)](const auto&, const auto&, const auto&) {
    return played;
  };
}

std::string result(const std::string& id, const std::string& text = "{}") {
  return mcp::make_result(id, text);
}

}  // namespace

TEST_CASE("A handshake names no session and no version, and every later request names both") {
  RemoteRig rig;
  rig.greet();
  CHECK(rig.ask(request("1", "tools/list")));
  CHECK(rig.send(message(R"({"jsonrpc":"2.0","id":"server-1","result":{}})")));
  const auto requests = rig.http.requests();
  REQUIRE(requests.size() == 4);
  CHECK(header(requests[0], "Mcp-Session-Id") == "none");
  CHECK(header(requests[0], "MCP-Protocol-Version") == "none");
  for (size_t i = 1; i < requests.size(); ++i) {
    CHECK(header(requests[i], "Mcp-Session-Id") == "session-1");
    CHECK(header(requests[i], "MCP-Protocol-Version") == "2025-11-25");
  }
  for (const auto& request : requests) {
    CHECK(request.method == "POST");
    CHECK(request.url.to_string() == endpoint.to_string());
    CHECK(request.content_type == "application/json");
    CHECK(header(request, "Accept") == "application/json, text/event-stream");
    CHECK(header(request, "X-Organization-Id") == "org_abc");
    CHECK(header(request, "Authorization") == "Bearer token");
  }
}

TEST_CASE("The version that the server chose is the one that is named") {
  RemoteRig rig;
  rig.server.version = "2025-03-26";
  rig.greet();
  CHECK(rig.ask(request("1", "tools/list")));
  CHECK(header(rig.http.requests().back(), "MCP-Protocol-Version") == "2025-03-26");
}

TEST_CASE("A server without sessions is served without") {
  RemoteRig rig;
  rig.server.has_sessions = false;
  rig.greet();
  CHECK(rig.ask(request("1", "tools/list")));
  CHECK(header(rig.http.requests().back(), "Mcp-Session-Id") == "none");
  CHECK(header(rig.http.requests().back(), "MCP-Protocol-Version") == "2025-11-25");
  rig.remote.close(100ms);
  CHECK(rig.http.requests().back().method == "POST");
}

TEST_CASE("A session id or a version that no header can hold is not sent back") {
  const auto bad = GENERATE("", "a b", "a\tb", "\xC3\xA9", "a\x7f");
  RemoteRig rig;
  rig.server.has_sessions = false;
  rig.server.on_initialize = [&](const mcp::Message& said) {
    return Played::json(result(std::string(said.id()), R"({"protocolVersion":"a b\n"})"),
                        {{"Mcp-Session-Id", bad}});
  };
  CHECK(rig.ask(request("0", "initialize")));
  CHECK(rig.ask(request("1", "tools/list")));
  CHECK(header(rig.http.requests().back(), "Mcp-Session-Id") == "none");
  CHECK(header(rig.http.requests().back(), "MCP-Protocol-Version") == "none");
}

TEST_CASE("A request's bytes go out as they came, and its answer's come back so") {
  RemoteRig rig;
  rig.greet();
  const std::string text =
      R"({ "id":1.0,"jsonrpc":"2.0" , "method":"tools\/call","params":{"name":"a","x":1e2,"\u0061":[ ]}})";
  const std::string answer = R"({ "result" : {"b":2.50,"c":"\u00e9"}, "jsonrpc":"2.0","id":1.0 })";
  answer_with(rig, Played::json(answer));
  CHECK(rig.ask(message(text)) == answer);
  CHECK(rig.http.requests().back().body == text);
}

TEST_CASE("An answer whose id is spelt otherwise gets the request's own") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::json(result("7", "{\"a\":1}")));
  CHECK(rig.ask(request("7.0", "tools/call")) == result("7.0", "{\"a\":1}"));
  answer_with(rig, Played::json(result("\"a\"")));
  CHECK(rig.ask(request("\"\\u0061\"", "tools/call")) == result("\"\\u0061\""));
}

TEST_CASE("An error without an id is the answer to the only request there is") {
  const auto body = GENERATE(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}})",
                             R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"m"}})");
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::json(body));
  CHECK(rig.ask(request("7", "tools/call")) ==
        R"({"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"m"}})");
}

TEST_CASE("An error comes through whatever status it came under") {
  const int status = GENERATE(400, 404, 422, 500);
  RemoteRig rig;
  rig.server.has_sessions = false;  // where 404 would mean something else
  rig.greet();
  answer_with(rig, Played{status,
                          {{"Content-Type", "application/json"}},
                          {mcp::make_error("7", mcp::method_not_found, "no")},
                          {}});
  CHECK(rig.ask(request("7", "tools/call")) == mcp::make_error("7", mcp::method_not_found, "no"));
}

TEST_CASE("What the server says on the way to its answer is given in order, and nothing after it") {
  RemoteRig rig;
  rig.greet();
  const std::string progress = notification_text("notifications/progress", "{\"progress\":1}");
  const std::string question = request_text("\"s-1\"", "sampling/createMessage");
  answer_with(rig, Played::stream({sse_event(progress) + sse_event(question), sse_event(result("7")),
                                   sse_event(progress)}));
  CHECK(rig.send(request("7", "tools/call")));
  CHECK(rig.received.messages == std::vector<std::string>{progress, question, result("7")});
}

TEST_CASE("Responses that nobody waits for are dropped") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::stream({sse_event(result("8")) + sse_event(result("\"7\"")),
                                   sse_event(result("7")) + sse_event(result("7", "[2]"))}));
  CHECK(rig.send(request("7", "tools/call")));
  CHECK(rig.received.messages == std::vector<std::string>{result("7")});

  answer_with(rig, Played::json(result("8")));
  const auto other = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::protocol);
}

TEST_CASE("A batch in an answer is taken apart") {
  RemoteRig rig;
  rig.greet();
  const std::string note = notification_text("notifications/message");
  const std::string batch = "[" + note + "," + result("8") + "," + result("7") + "]";
  answer_with(rig, GENERATE_COPY(Played::json(batch), Played::stream({sse_event(batch)})));
  CHECK(rig.send(request("7", "tools/call")));
  CHECK(rig.received.messages == std::vector<std::string>{note, result("7")});
}

TEST_CASE("An answer over several lines becomes one line") {
  RemoteRig rig;
  rig.greet();
  answer_with(
      rig,
      GENERATE(Played::json("{\n\"jsonrpc\":\"2.0\",\r\n\"id\":7,\"result\":{}}\n"),
               Played::stream({"data: {\ndata: \"jsonrpc\":\"2.0\",\ndata: \"id\":7,\"result\":{}}\n\n"})));
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE(answer);
  CHECK(answer->find_first_of("\r\n") == std::string::npos);
  CHECK(message(*answer).id() == "7");
}

TEST_CASE("An event of another kind is no message") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::stream({"event: ping\n" + sse_event(result("7", "[1]")), "id: 4\ndata:\n\n",
                                   sse_event(result("7"))}));
  CHECK(rig.ask(request("7", "tools/call")) == result("7"));
}

TEST_CASE("What is no MCP is a failure of the protocol, in words") {
  struct Row {
    Played played;
    const char* words;
  };
  const auto row = GENERATE(
      Row{{200, {{"Content-Type", "text/html; charset=utf-8"}}, {"<html>"}, {}},
          "The server answered with text/html, which is not MCP."},
      Row{{200, {}, {"x"}, {}}, "The server answered with something that has no type, which is not MCP."},
      Row{Played::nothing(202), "The server took the request and gave no answer."},
      Row{Played::nothing(204), "The server took the request and gave no answer."},
      Row{Played::json("{\"jsonrpc\":\"2.0\""), "The server sent something that is no MCP message."},
      Row{Played::json("[1"), "The server sent a batch that is not valid JSON."},
      Row{Played::stream({sse_event("nonsense")}), "The server sent something that is no MCP message."},
      Row{Played::json(std::string(2'000'000, ' ')), "The server's answer is longer than 1048576 bytes."},
      Row{Played::stream({"data: " + std::string(2'000'000, ' ')}),
          "The server sent an event that is longer than 1048576 bytes."});
  CAPTURE(row.words);
  RemoteRig rig;
  rig.greet();
  answer_with(rig, row.played);
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::protocol);
  CHECK(answer.error().what.find(row.words) == 0);
  CHECK(rig.server.count("session-1 tools/call") == 1);
}

TEST_CASE("A stream that ends without an answer leaves open whether the call ran") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::stream({sse_event(notification_text("notifications/progress"))}));
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::lost);
  CHECK(answer.error().what.find("not known") != std::string::npos);
}

TEST_CASE("A status that is no success is told in words that say what to do") {
  struct Row {
    int status;
    http::Headers headers;
    const char* body;
    ErrorCode code;
    const char* words;
  };
  const auto row =
      GENERATE(Row{403,
                   {},
                   R"({"detail":"Insufficient scope: tools:a.b"})",
                   ErrorCode::forbidden,
                   "https://api.clickflow.com does not allow this (\"Insufficient scope: tools:a.b\")."},
               Row{403, {}, "<html>", ErrorCode::forbidden, "https://api.clickflow.com does not allow this."},
               Row{405,
                   {},
                   "",
                   ErrorCode::rejected,
                   "There is no MCP server at https://api.clickflow.com/v1/mcp (HTTP 405)."},
               Row{413,
                   {},
                   "",
                   ErrorCode::rejected,
                   "https://api.clickflow.com takes no request as long as this one."},
               Row{429, {{"Retry-After", "7"}}, "", ErrorCode::busy, "Try again in 7 s."},
               Row{503,
                   {},
                   R"({"message":"soon"})",
                   ErrorCode::busy,
                   "is busy and did not do it (HTTP 503) (\"soon\"). Try again in a moment."},
               Row{500,
                   {},
                   R"({"error":"oops"})",
                   ErrorCode::lost,
                   "failed (HTTP 500) (\"oops\"); whether the request was carried out is not known."},
               Row{502, {}, "", ErrorCode::lost, "failed (HTTP 502)"},
               Row{302,
                   {{"Location", "https://evil.test/"}},
                   "",
                   ErrorCode::rejected,
                   "sends us to another address (HTTP 302), which is not followed."},
               Row{400,
                   {},
                   R"({"error":{"message":"bad thing"}})",
                   ErrorCode::rejected,
                   "refused the request (HTTP 400) (\"bad thing\")."},
               Row{418,
                   {},
                   R"({"error_description":"tea \u001b[31m cf_ak_of-the-teapot"})",
                   ErrorCode::rejected,
                   "(\"tea \\x1b[31m cf_ak_[hidden]\")"});
  CAPTURE(row.status, row.words);
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played{row.status, row.headers, {row.body}, {}});
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == row.code);
  CAPTURE(answer.error().message());
  CHECK(answer.error().message().find(row.words) != std::string::npos);
  CHECK(rig.server.count("session-1 tools/call") == 1);
  CHECK(rig.server.count("none initialize") == 1);
}

TEST_CASE("A notification or a response is taken with 202, and a refusal of it is told") {
  RemoteRig rig;
  rig.greet();
  CHECK(rig.send(notification("notifications/cancelled")));
  rig.server.lose_sessions();
  CHECK_FALSE(rig.send(notification("notifications/cancelled")));
  CHECK(rig.received.messages.empty());
}

TEST_CASE("Each kind of message has the limit that fits it") {
  http::Limits limits;
  limits.first_byte = limits.silence = 300s;
  limits.whole = 3600s;
  RemoteRig rig(limits);
  rig.greet();
  CHECK(rig.ask(request("1", "tools/call")));
  const auto requests = rig.http.requests();
  CHECK(requests[0].limits.whole == 50s);  // hosts give up on initialize after 60 s
  CHECK(requests[0].limits.first_byte == 50s);
  CHECK(requests[1].limits.whole == 30s);  // initialized
  CHECK(requests[2].limits.whole == 3600s);
  CHECK(requests[2].limits.first_byte == 300s);
}

TEST_CASE("Leave is taken with DELETE, within the limit, and only of a session") {
  RemoteRig rig;
  rig.remote.close(100ms);
  CHECK(rig.http.requests().empty());
  rig.greet();
  rig.remote.close(100ms);
  const auto last = rig.http.requests().back();
  CHECK(last.method == "DELETE");
  CHECK(header(last, "Mcp-Session-Id") == "session-1");
  CHECK(header(last, "MCP-Protocol-Version") == "2025-11-25");
  CHECK(last.limits.connect == 100ms);
  CHECK(last.limits.first_byte == 100ms);
  CHECK(last.limits.whole == 100ms);
}

TEST_CASE("Leave is taken with the token that was let through: none is wanted for it, and none renewed") {
  const bool refused = GENERATE(false, true);
  CAPTURE(refused);
  RemoteRig rig;
  rig.greet();
  rig.tokens.sign_in("another");
  rig.tokens.failure = Error{ErrorCode::timed_out, "Your sign-in is still being renewed.", "Try again."};
  if (refused) rig.server.farewell = 401;
  rig.remote.close(100ms);
  CHECK(rig.http.requests().back().method == "DELETE");
  CHECK(header(rig.http.requests().back(), "Authorization") == "Bearer token");
  CHECK(rig.tokens.refusals.empty());
}

TEST_CASE("What may not be repeated asks for a connection that is surely open") {
  RemoteRig rig;
  rig.greet();
  for (const auto& [method, may_repeat] :
       {std::pair("tools/call", false), std::pair("tools/list", true), std::pair("custom/anything", false)}) {
    CAPTURE(method);
    REQUIRE(rig.ask(request("1", method)));
    CHECK(rig.http.requests().back().may_repeat == may_repeat);
  }
}

TEST_CASE("A call whose connection dies is not sent again, and a list is, once") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig, Played::broken(ErrorCode::lost));
  CHECK(rig.ask(request("1", "tools/call")).error().code == ErrorCode::lost);
  CHECK(rig.server.count("session-1 tools/call") == 1);
  CHECK(rig.ask(request("2", "tools/list")).error().code == ErrorCode::lost);
  CHECK(rig.server.count("session-1 tools/list") == 2);
}

TEST_CASE(
    "A list is not asked for again where a part of an answer came, or time was over, or nothing was sent") {
  RemoteRig rig;
  rig.greet();
  answer_with(rig,
              GENERATE(Played::json("{\"json").then(ErrorCode::lost), Played::broken(ErrorCode::timed_out),
                       Played::broken(ErrorCode::unreachable), Played::nothing(500)));
  CHECK_FALSE(rig.ask(request("2", "tools/list")));
  CHECK(rig.server.count("session-1 tools/list") == 1);
}

TEST_CASE("A request that is cancelled fails so, and is not sent again") {
  RemoteRig rig;
  rig.greet();
  const Cancellation cancellation;
  rig.server.on_request = [&](const auto&, const auto&, const auto&) {
    cancellation.cancel();
    return Played::broken(ErrorCode::cancelled);
  };
  CHECK(rig.ask(request("2", "tools/list"), cancellation).error().code == ErrorCode::cancelled);
  CHECK(rig.server.count("session-1 tools/list") == 1);
}
