#include "clickflow/remote/stateless_http.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

// Answers every request with this, but for the lists of tools that a call needs first.
void answer_with(StatelessRig& rig, Played played) {
  rig.on_request = [played = std::move(played)](const auto&, const mcp::Message& said, const auto&) {
    if (said.method() == "tools/list" && said.id().starts_with("\"clickflow-mcp/headers/"))
      return Played::json(mcp::make_result(said.id(), tool_list("")));
    return played;
  };
}

std::string result(const std::string& id, const std::string& text = "{}") {
  return mcp::make_result(id, text);
}

size_t count(const StatelessRig& rig, const std::string& method) {
  const auto methods = rig.methods();
  return static_cast<size_t>(std::count(methods.begin(), methods.end(), method));
}

}  // namespace

TEST_CASE("A modern request stands for itself") {
  StatelessRig rig;
  answer_with(rig, Played::json(result("1")).with("Mcp-Session-Id", "s"));
  const auto read = modern_request("1", "resources/read", R"(,"uri":"file:///a")");
  REQUIRE(rig.ask(read));
  REQUIRE(rig.ask(read));
  for (const auto& sent : rig.http.requests()) {
    CHECK(sent.method == "POST");
    CHECK(sent.url.to_string() == endpoint.to_string());
    CHECK(sent.content_type == "application/json");
    CHECK(sent.body == read.text());
    CHECK(header(sent, "Accept") == "application/json, text/event-stream");
    CHECK(header(sent, "X-Organization-Id") == "org_abc");
    CHECK(header(sent, "Authorization") == "Bearer token");
    CHECK(header(sent, "MCP-Protocol-Version") == "2026-07-28");
    CHECK(header(sent, "Mcp-Method") == "resources/read");
    CHECK(header(sent, "Mcp-Name") == "file:///a");
    CHECK(header(sent, "Mcp-Session-Id") == "none");
    CHECK(header(sent, "Last-Event-ID") == "none");
  }
}

TEST_CASE("A modern server is not told of notifications and responses, and not taken leave of") {
  StatelessRig rig;
  CHECK(rig.remote.send(notification("notifications/cancelled"), rig.received, {}));
  CHECK(rig.remote.send(message(R"({"jsonrpc":"2.0","id":1,"result":{}})"), rig.received, {}));
  rig.remote.listen(rig.received, {});
  rig.remote.close(100ms);
  CHECK(rig.http.requests().empty());
  CHECK(rig.received.messages.empty());
}

TEST_CASE("A method whose name no header can hold is answered here") {
  StatelessRig rig;
  const auto name =
      GENERATE(as<std::string>{}, "", "tools\\u007f/list", "a\\r\\nX-Evil: 1", "gr\u00fc\u00dfe", " x");
  const auto answer = rig.ask(modern_request("1", name));
  REQUIRE(answer);
  CHECK(answer->find("-32601") != std::string::npos);
  CHECK(rig.http.requests().empty());
}

TEST_CASE("A modern server's answer comes back in its own bytes, under the request's id") {
  StatelessRig rig;
  const std::string answer = R"({ "result" : {"b":2.50,"c":"\u00e9"}, "jsonrpc":"2.0","id":7 })";
  answer_with(rig, GENERATE_COPY(Played::json(answer), Played::stream({sse_event(answer)})));
  CHECK(rig.ask(modern_request("7", "tools/call")) == answer);
  CHECK(rig.ask(modern_request("7.0", "prompts/list")) ==
        R"({ "result" : {"b":2.50,"c":"\u00e9"}, "jsonrpc":"2.0","id":7.0 })");
}

TEST_CASE(
    "What a modern server says on the way is given in order, but for requests, which it must not send") {
  StatelessRig rig;
  const std::string progress = notification_text("notifications/progress", "{\"progress\":1}");
  answer_with(rig, Played::stream({sse_event(progress), sse_event(request_text("\"s-1\"", "roots/list")),
                                   sse_event(result("8")), sse_event(progress) + sse_event(result("7")),
                                   sse_event(progress) + sse_event(result("7"))}));
  CHECK(rig.remote.send(modern_request("7", "tools/call"), rig.received, {}));
  CHECK(rig.received.messages == std::vector<std::string>{progress, progress, result("7")});
}

TEST_CASE("A modern server that answers twice is taken at its first word") {
  StatelessRig rig;
  const std::string both = "[" + result("7", "[1]") + "," + notification_text("notifications/message") + "," +
                           result("7", "[2]") + "]";
  answer_with(rig, GENERATE_COPY(Played::json(both), Played::stream({sse_event(both)})));
  CHECK(rig.ask(modern_request("7", "prompts/list")) == result("7", "[1]"));
}

TEST_CASE("A refusal that is a JSON-RPC error is the answer, whatever id it has") {
  const int status = GENERATE(400, 404);
  const auto id = GENERATE(R"("id":7,)", R"("id":null,)", R"("id":"server-error",)", "");
  CAPTURE(status, id);
  StatelessRig rig;
  answer_with(rig, Played{status,
                          {{"Content-Type", "application/json"}},
                          {std::string(R"({"jsonrpc":"2.0",)") + id +
                           R"("error":{"code":-32021,"message":"m","data":{"requiredCapabilities":{}}}})"},
                          {}});
  CHECK(
      rig.ask(modern_request("7", "prompts/list")) ==
      R"({"jsonrpc":"2.0","id":7,"error":{"code":-32021,"message":"m","data":{"requiredCapabilities":{}}}})");
}

TEST_CASE("A refusal that is no JSON-RPC error is told in words") {
  struct Row {
    int status;
    const char* body;
    ErrorCode code;
  };
  const auto row = GENERATE(Row{400, "no", ErrorCode::rejected}, Row{404, "", ErrorCode::rejected},
                            Row{404, R"({"jsonrpc":"2.0","id":7,"result":{}})", ErrorCode::rejected},
                            Row{403, R"({"detail":"no"})", ErrorCode::forbidden},
                            Row{429, "", ErrorCode::busy}, Row{500, "", ErrorCode::lost},
                            Row{503, "", ErrorCode::busy}, Row{302, "", ErrorCode::rejected});
  CAPTURE(row.status, row.body);
  StatelessRig rig;
  answer_with(rig, Played{row.status, {}, {row.body}, {}});
  const auto answer = rig.ask(modern_request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == row.code);
  CHECK(count(rig, "tools/call") == 1);
}

TEST_CASE("A modern server's refusal of the credential is the client's affair") {
  StatelessRig rig;
  answer_with(rig, Played::nothing(401));
  const auto answer = rig.ask(modern_request("7", "prompts/list"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == "Nobody knows you.");
}

TEST_CASE("What is no MCP of this revision is a failure of the protocol") {
  StatelessRig rig;
  answer_with(rig, GENERATE(Played::nothing(202), Played::json("nonsense"),
                            Played{200, {{"Content-Type", "text/html"}}, {"<html>"}, {}},
                            Played::json(result("8")), Played::json(std::string(2'000'000, ' ')),
                            Played::stream({"data: " + std::string(2'000'000, ' ')})));
  const auto answer = rig.ask(modern_request("7", "prompts/get"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::protocol);
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("A result is of a type that the request allows") {
  struct Row {
    const char* method;
    const char* result;
    bool passes;
  };
  const auto row = GENERATE(
      Row{"tools/call", R"({"resultType":"complete"})", true}, Row{"tools/call", R"({"content":[]})", true},
      Row{"tools/call", R"({"resultType":"input_required"})", true},
      Row{"prompts/get", R"({"resultType":"input_required"})", true},
      Row{"resources/read", R"({"resultType":"input\u005frequired"})", true},
      Row{"tools/list", R"({"resultType":"input_required","tools":[]})", false},
      Row{"completion/complete", R"({"resultType":"input_required"})", false},
      Row{"tools/call", R"({"resultType":"task"})", false}, Row{"tools/call", R"({"resultType":""})", false},
      Row{"tools/call", R"({"resultType":"Complete"})", false},
      Row{"tools/call", R"({"resultType":null})", false});
  CAPTURE(row.method, row.result);
  StatelessRig rig;
  answer_with(rig, Played::json(result("7", row.result)));
  const auto answer = rig.ask(modern_request("7", row.method));
  CHECK(answer.has_value() == row.passes);
  if (!answer) CHECK(answer.error().code == ErrorCode::protocol);
  if (answer) CHECK(*answer == result("7", row.result));
  CHECK(count(rig, row.method) == 1);
}

TEST_CASE("A task is an answer to a client that takes tasks") {
  struct Row {
    const char* capabilities;
    bool passes;
  };
  const auto row = GENERATE(Row{R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})", true},
                            Row{R"({"extensions":{"io.modelcontextprotocol/ui":{}}})", false},
                            Row{R"({"io.modelcontextprotocol/tasks":{}})", false});
  CAPTURE(row.capabilities);
  StatelessRig rig;
  answer_with(rig, Played::json(result("7", R"({"resultType":"task","taskId":"t"})")));
  const auto call = request(
      "7", "tools/call",
      R"({"_meta":{"io.modelcontextprotocol/clientCapabilities":)" + std::string(row.capabilities) + "}}");
  CHECK(rig.ask(call).has_value() == row.passes);
}

TEST_CASE(
    "What reads goes out once more under a new id when it is lost with its stream, and a call does not") {
  const auto lost = GENERATE(Played::broken(ErrorCode::lost), Played::json("{\"json").then(ErrorCode::lost),
                             Played::stream({"data: x\n"}).then(ErrorCode::lost), Played::stream({}));
  StatelessRig rig;
  std::vector<std::string> ids;
  rig.on_request = [&](const auto&, const mcp::Message& said, const auto&) {
    ids.emplace_back(said.id());
    return ids.size() == 1 ? lost : Played::json(result(std::string(said.id()), "[1]"));
  };
  CHECK(rig.ask(modern_request("7", "resources/list")) == result("7", "[1]"));
  CHECK(ids == std::vector<std::string>{"7", "\"clickflow-mcp/again/1\""});
  CHECK(header(rig.http.requests()[1], "Mcp-Method") == "resources/list");

  answer_with(rig, lost);
  const auto twice = rig.ask(modern_request("8", "resources/list"));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ErrorCode::lost);
  CHECK(count(rig, "resources/list") == 4);
  const auto call = rig.ask(modern_request("9", "tools/call"));
  REQUIRE_FALSE(call);
  CHECK(call.error().code == ErrorCode::lost);
  CHECK(count(rig, "tools/call") == 1);
}

TEST_CASE("What may not have been lost, or was not sent, does not go out again") {
  StatelessRig rig;
  answer_with(rig, GENERATE(Played::broken(ErrorCode::timed_out), Played::broken(ErrorCode::unreachable),
                            Played::broken(ErrorCode::cancelled), Played::nothing(502)));
  CHECK_FALSE(rig.ask(modern_request("7", "resources/list")));
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("Cancelling closes the stream and says nothing") {
  StatelessRig rig;
  const Cancellation cancellation;
  rig.on_request = [&](const auto&, const auto&, const Cancellation& its) {
    cancellation.cancel();
    CHECK(its.cancelled());
    return Played::broken(ErrorCode::cancelled);
  };
  const auto answer = rig.ask(modern_request("7", "resources/list"), cancellation);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::cancelled);
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("A modern request has the limits that are set") {
  http::Limits limits;
  limits.first_byte = 7s;
  limits.whole = 8s;
  StatelessRig rig(limits);
  CHECK(rig.ask(modern_request("7", "prompts/list")));
  CHECK(rig.http.requests()[0].limits.first_byte == 7s);
  CHECK(rig.http.requests()[0].limits.whole == 8s);
}
