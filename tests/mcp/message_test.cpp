#include "clickflow/mcp/message.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <set>

#include "clickflow/mcp/json.h"
#include "support/random_text.h"

using namespace clickflow::mcp;
using clickflow::testing::RandomText;

namespace {

// Ids that a host may use, in every spelling that JSON has for them.
std::string any_id(RandomText& random) {
  static const std::vector<std::string> forms{"0",
                                              "1",
                                              "-1",
                                              "-0",
                                              "0.5",
                                              "1.0",
                                              "1e3",
                                              "1E-2",
                                              "1e999",
                                              "\"\"",
                                              "\"0\"",
                                              "\"a\"",
                                              "\"\\u0061\"",
                                              "\"\\ud800\"",
                                              "\"\\n\"",
                                              "9007199254740993",
                                              "123456789012345678901234567890",
                                              "\"3f8a9c1e-0000-4000-8000-000000000000\""};
  switch (random.number(2)) {
    case 0:
      return random.json_number();
    case 1:
      return random.json_string();
    default:
      return random.one_of(forms);
  }
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

}  // namespace

TEST_CASE("Each kind of message is read, and its text stays as it came") {
  const std::string request =
      R"( {"params" : {"a":1} ,"id": "x\u0041","method":"tools\/call","jsonrpc":"2.0", "more":[1]} )";
  const auto message = Message::parse(request);
  REQUIRE(message);
  CHECK(message->kind() == Message::Kind::request);
  CHECK(message->is_request());
  CHECK(message->id() == R"("x\u0041")");
  CHECK(message->method() == "tools/call");
  CHECK(message->params() == R"({"a":1})");
  CHECK(message->param("a") == "1");
  CHECK(message->param("b").empty());
  CHECK(message->text() == request);

  const auto note = Message::parse(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  REQUIRE(note);
  CHECK(note->kind() == Message::Kind::notification);
  CHECK(note->id().empty());
  CHECK(note->params().empty());

  const auto response = Message::parse(R"({"jsonrpc":"2.0","id":7,"result":{"b":[2]}})");
  REQUIRE(response);
  CHECK(response->is_response());
  CHECK(response->result() == R"({"b":[2]})");
  CHECK(response->error().empty());

  const auto error = Message::parse(R"({"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"m"}})");
  REQUIRE(error);
  CHECK(error->is_response());
  CHECK(error->error() == R"({"code":1,"message":"m"})");
  CHECK(error->result().empty());
}

TEST_CASE("Every form of id survives byte for byte") {
  RandomText random(2025);
  for (int i = 0; i < 3'000; ++i) {
    const std::string id = any_id(random);
    CAPTURE(id);
    const auto request = Message::parse(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m"})");
    if (!request || request->id() != id) FAIL("in a request");
    const auto result = Message::parse(make_result(request->id(), R"({"x":1})"));
    if (!result || result->id() != id || result->result() != R"({"x":1})") FAIL("in a result");
    const auto error = Message::parse(make_error(request->id(), no_answer, "why"));
    if (!error || error->id() != id) FAIL("in an error");
    const auto tool_error = Message::parse(make_tool_error(request->id(), "why"));
    if (!tool_error || tool_error->id() != id) FAIL("in a tool's error");
    if (!same_id(id, result->id()) || id_key(id) != id_key(result->id())) FAIL("not the same");
  }
}

TEST_CASE("What is no message is refused with the error that JSON-RPC names") {
  struct Row {
    const char* text;
    int code;
    const char* id;
  };
  const auto row = GENERATE(
      Row{"", parse_error, ""}, Row{"{", parse_error, ""}, Row{"{]", parse_error, ""},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m")", parse_error, ""},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m"}x)", parse_error, ""},
      Row{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", parse_error, ""},
      Row{R"({'jsonrpc':'2.0'})", parse_error, ""}, Row{"1", invalid_request, ""},
      Row{"null", invalid_request, ""}, Row{"\"a\"", invalid_request, ""}, Row{"[]", invalid_request, ""},
      Row{"{}", invalid_request, ""}, Row{R"({"id":1,"method":"m"})", invalid_request, "1"},
      Row{R"({"jsonrpc":"1.0","id":1,"method":"m"})", invalid_request, "1"},
      Row{R"({"jsonrpc":2.0,"id":1,"method":"m"})", invalid_request, "1"},
      Row{R"({"jsonrpc":"2.0","id":"x","method":7})", invalid_request, "\"x\""},
      Row{R"({"jsonrpc":"2.0","id":"x"})", invalid_request, "\"x\""},
      Row{R"({"jsonrpc":"2.0","id":null,"method":"m"})", invalid_request, ""},
      Row{R"({"jsonrpc":"2.0","id":{},"method":"m"})", invalid_request, ""},
      Row{R"({"jsonrpc":"2.0","id":[1],"method":"m"})", invalid_request, ""},
      Row{R"({"jsonrpc":"2.0","id":true,"method":"m"})", invalid_request, ""},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})", invalid_params, "1"},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m","params":"x"})", invalid_params, "1"},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})", invalid_params, "1"},
      Row{R"({"jsonrpc":"2.0","id":1,"method":"m","result":{}})", invalid_request, "1"});
  CAPTURE(row.text);
  const auto message = Message::parse(row.text);
  REQUIRE_FALSE(message);
  CHECK(message.error().code == row.code);
  CHECK(message.error().id == row.id);
  CHECK_FALSE(message.error().what.empty());
}

TEST_CASE(
    "A message that has a member of the envelope twice is refused, since two readers could understand two "
    "things") {
  const auto text = GENERATE(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"m"})",
                             R"({"jsonrpc":"2.0","id":1,"\u0069d":1,"method":"m"})",
                             R"({"jsonrpc":"2.0","id":1,"method":"m","method":"n"})",
                             R"({"jsonrpc":"2.0","id":1,"method":"m","params":{},"params":{}})",
                             R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"m"})");
  CAPTURE(text);
  const auto message = Message::parse(text);
  REQUIRE_FALSE(message);
  CHECK(message.error().code == invalid_request);
}

TEST_CASE("A peer's message may be nested to a limit, and what is made of its parts is still read") {
  // The message itself is one level.
  const auto nested = [](int depth) {
    return R"({"method":"m","params":{"a":)" + std::string(static_cast<size_t>(depth - 2), '[') +
           std::string(static_cast<size_t>(depth - 2), ']') + R"(},"jsonrpc":"2.0","id":7})";
  };
  const auto deepest = Message::from_peer(nested(clickflow::mcp::max_peer_depth));
  REQUIRE(deepest);
  CHECK(Message::parse(clickflow::mcp::make_result("1", {"{\"a\":{\"b\":", deepest->params(), "}}"})));

  const auto refused = Message::from_peer(nested(clickflow::mcp::max_peer_depth + 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == clickflow::mcp::invalid_request);
  CHECK(refused.error().id == "7");
  CHECK(refused.error().what == "The message is nested deeper than 512 levels.");

  const auto unread = Message::from_peer(nested(100'000));
  REQUIRE_FALSE(unread);
  CHECK(unread.error().what == "The message is nested too deeply to be read.");
}

TEST_CASE("Of two ids none is answered under") {
  CHECK(Message::parse(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"m"})").error().id.empty());
}

TEST_CASE("A broken response gives no id to answer under") {
  const auto text = GENERATE(
      R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", R"({"jsonrpc":"1.0","id":1,"result":{}})",
      R"({"jsonrpc":"2.0","result":{}})", R"({"jsonrpc":"2.0","id":null,"result":{}})",
      R"({"jsonrpc":"2.0","id":[],"result":{}})", R"({"jsonrpc":"2.0","id":1,"error":"text"})",
      R"({"jsonrpc":"2.0","id":1,"error":null})", R"({"jsonrpc":"2.0","id":1,"result":1,"result":2})");
  CAPTURE(text);
  const auto message = Message::parse(text);
  REQUIRE_FALSE(message);
  CHECK(message.error().code == invalid_request);
  CHECK(message.error().id.empty());
}

TEST_CASE("An error may have no id, or null for one") {
  const auto text = GENERATE(R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}})",
                             R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}})");
  const auto message = Message::parse(text);
  REQUIRE(message);
  CHECK(message->is_response());
  CHECK(message->id().empty());
}

TEST_CASE("A part of a message is replaced, and the rest stays") {
  const auto message =
      Message::parse(R"({"jsonrpc":"2.0", "id":1,"method":"m","params":{"name":"a.b","x":"a.b"}})");
  REQUIRE(message);
  const auto other = message->with(message->param("name"), R"("a_b")");
  CHECK(other.text() == R"({"jsonrpc":"2.0", "id":1,"method":"m","params":{"name":"a_b","x":"a.b"}})");
  CHECK(other.with(other.id(), R"("longer than before")").id() == R"("longer than before")");
  CHECK(message->param("name") == R"("a.b")");
}

TEST_CASE("A message that is moved or copied keeps its parts") {
  auto first = Message::parse(R"({"jsonrpc":"2.0","id":1,"method":"m"})").value();
  const Message copy = first;
  const Message moved = std::move(first);
  CHECK(copy.id() == "1");
  CHECK(moved.id() == "1");
}

TEST_CASE("A batch is told by its bracket, and taken apart into its elements") {
  CHECK(looks_like_batch(" \t\r\n[1"));
  CHECK_FALSE(looks_like_batch("{\"a\":[]}"));
  CHECK_FALSE(looks_like_batch(""));
  CHECK_FALSE(looks_like_batch("   "));
  CHECK(split_batch(" [ {\"a\":1} , 2,[3] ] ") == std::vector<std::string>{"{\"a\":1}", "2", "[3]"});
  CHECK(split_batch("[]")->empty());
  CHECK_FALSE(split_batch("[1,]"));
  CHECK_FALSE(split_batch("[1"));
  CHECK_FALSE(split_batch("{}"));
}

TEST_CASE("Two ids are one where JavaScript would take them for one") {
  struct Row {
    const char* a;
    const char* b;
    bool same;
  };
  const auto row =
      GENERATE(Row{"1", "1", true}, Row{"1", "1.0", true}, Row{"1", "1e0", true}, Row{"100", "1E2", true},
               Row{"1", "2", false}, Row{"0", "-0", true}, Row{"0", "-0.0", true}, Row{"0", "0.0", true},
               Row{"0.1", "1e-1", true}, Row{"1", "\"1\"", false}, Row{"\"a\"", "\"\\u0061\"", true},
               Row{"\"a\"", "\"A\"", false}, Row{"\"\"", "0", false},
               Row{"9007199254740993", "9007199254740992", true}, Row{"", "", true}, Row{"", "0", false},
               Row{"null", "0", false});
  CAPTURE(row.a, row.b);
  CHECK(same_id(row.a, row.b) == row.same);
  CHECK(same_id(row.b, row.a) == row.same);
}

TEST_CASE("All spellings of an id have one key, and two ids have two") {
  struct Row {
    std::vector<std::string> spellings;
  };
  const std::vector<Row> ids{{{"0", "-0", "0.0", "-0.0", "0e5"}},
                             {{"1", "1.0", "1e0", "0.1e1", "10E-1"}},
                             {{"-1", "-1.0"}},
                             {{"1500", "1.5e3"}},
                             {{"0.5", "5e-1", "0.50"}},
                             {{"\"0\""}},
                             {{"\"1\"", "\"\\u0031\""}},
                             {{"\"1.0\""}},
                             {{"\"\""}},
                             {{"\"n1\""}},
                             {{"\"s1\""}},
                             {{"9007199254740991", "9007199254740991.0", "9.007199254740991e15"}},
                             {{"9007199254740992"}},
                             {{"9007199254740993"}},
                             {{"123456789012345678901234567890"}},
                             {{"123456789012345678901234567891"}}};
  std::set<std::string> keys;
  for (const auto& id : ids) {
    const std::string key = id_key(id.spellings.front());
    CAPTURE(key);
    CHECK(keys.insert(key).second);
    for (const auto& spelling : id.spellings) {
      CAPTURE(spelling);
      CHECK(id_key(spelling) == key);
    }
  }
}

TEST_CASE("Messages of our own are what MCP's schema wants") {
  CHECK(make_result("7", "{}") == R"({"jsonrpc":"2.0","id":7,"result":{}})");
  CHECK(make_error("\"a\"", parse_error, "say \"why\"") ==
        R"({"jsonrpc":"2.0","id":"a","error":{"code":-32700,"message":"say \"why\""}})");
  CHECK(make_error("1", no_answer, "m", R"({"reason":"lost"})") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"m","data":{"reason":"lost"}}})");
  // An id that could not be had is left out, and not null.
  CHECK(make_error("", parse_error, "m") == R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}})");
  CHECK(make_tool_error("1", "a\nb") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a\nb"}],"isError":true}})");
}

TEST_CASE("A spoilt message is never taken for one, and a message never for spoilt") {
  RandomText random(42);
  int valid = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::string text =
        R"({"jsonrpc":"2.0","id":)" + any_id(random) + R"(,"method":"m","params":)" + random.json(2) + "}";
    if (i % 3) text = random.mutated(std::move(text));
    CAPTURE(text);
    const auto message = Message::parse(text);
    if (message && (!json::is_valid(text) || on_one_line(message->text()) != on_one_line(text)))
      FAIL("taken for a message");
    if (!message && message.error().code == parse_error && json::is_valid(text)) FAIL("taken for no JSON");
    if (!message && !message.error().id.empty() && !json::is_valid(message.error().id))
      FAIL("an id that is no JSON");
    valid += message.has_value();
  }
  CHECK(valid > 100);
}

TEST_CASE("The id of a request is had from its two ends where it certainly is the request's") {
  struct Row {
    const char* beginning;
    const char* end;
    const char* id;
  };
  const auto row = GENERATE(
      // As the official SDKs write it, and as most others do.
      Row{R"({"method":"m","params":{"x":"ab)", R"(cd"},"jsonrpc":"2.0","id":5})", "5"},
      Row{R"({"jsonrpc":"2.0","id":5,"method":"m","params":{"x":"ab)", R"(cd"}})", "5"},
      Row{R"({"jsonrpc":"2.0","id":"a\"b","method":"m","params":{"x":"ab)", R"(cd"}})", R"("a\"b")"},
      Row{R"({"method":"m","params":{"y":{"id":1},"x":"ab)", "cd\"} , \"id\" : \"five\" } \r", R"("five")"},
      Row{R"({"method":"m","id":7,"params":{"x":"ab)", R"(cd","id":8}})", "7"},
      // Of something inside.
      Row{R"({"method":"m","params":{"id":1,"x":"ab)", R"(cd"}})", ""},
      Row{R"({"method":"m","params":{"x":"ab)", R"(cd","id":5}})", ""},
      Row{R"({"method":"m","params":{"x":"ab)", R"(cd"},"id":{"id":5}})", ""},
      Row{R"({"method":"m","x":"ab)", R"(cd,\"id\":5}"})", ""},
      Row{R"({"method":"m","x":"ab)", R"(cd","a,\"id":5})", ""},
      Row{R"({"method":"m","x":{"x":"ab)", R"(cd"},"_meta":[1,"id",5]})", ""},
      // No request, or one that nobody can tell.
      Row{R"({"method":"m","params":{"x":"ab)", R"(cd"},"jsonrpc":"2.0"})", ""},
      Row{R"({"jsonrpc":"2.0","id":5,"result":{"x":"ab)", R"(cd"}})", ""},
      Row{R"({"result":{"x":"ab)", R"(cd"},"jsonrpc":"2.0","id":5})", ""},
      Row{R"({"params":{"x":"ab)", R"(cd"},"method":"m","id":5})", ""},
      Row{R"({"id":5,"id":6,"method":"m","params":{"x":"ab)", R"(cd"}})", ""},
      Row{R"({"id":null,"method":"m","params":{"x":"ab)", R"(cd"}})", ""},
      Row{R"({"method":"m","id":5)", R"(6,"x":1})", ""},
      Row{R"([{"method":"m","params":{"x":"ab)", R"(cd"},"id":5}])", ""}, Row{"xxx", "xxx", ""},
      Row{"", "", ""});
  CAPTURE(row.beginning, row.end);
  CHECK(id_of_request(row.beginning, row.end) == row.id);
}
