#include "clickflow/bridge/tool_directory.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "clickflow/mcp/json.h"
#include "support/messages.h"
#include "support/scripted_remote.h"

using namespace clickflow;
using namespace clickflow::testing;
using bridge::Policy;
using bridge::ToolDirectory;

namespace {

const auto a_call = *mcp::Message::parse(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");

std::string tools_json(const std::vector<std::string>& names, const std::string& more = {}) {
  std::string text = "{\"tools\":[";
  for (size_t i = 0; i < names.size(); ++i) text += (i ? "," : "") + ("{\"name\":\"" + names[i] + "\"}");
  return text + "]" + more + "}";
}

std::vector<std::string> names_in(const mcp::Message& answer) {
  std::vector<std::string> names;
  mcp::json::Elements tools(mcp::json::member(answer.result(), "tools").value());
  while (const auto tool = tools.next())
    names.push_back(mcp::json::decode(mcp::json::member(*tool, "name").value()));
  return names;
}

// A server whose tools come in pages; the cursor is the page's number.
struct Pages {
  Pages(std::initializer_list<std::vector<std::string>> the_pages) : pages(the_pages) {
    remote.on("tools/list",
              [this](const mcp::Message& request, remote::Receiver& receiver,
                     const auth::Occasion&) -> Result<void> {
                receiver.on_message(page(request));
                return {};
              });
  }

  mcp::Message page(const mcp::Message& request) const {
    const auto cursor = request.param("cursor");
    const size_t number = cursor.empty() ? 0 : std::stoul(mcp::json::decode(cursor));
    const std::string next =
        number + 1 < pages.size() ? ",\"nextCursor\":\"" + std::to_string(number + 1) + "\"" : "";
    return response_to(request, tools_json(pages.at(number), next));
  }
  // As the bridge does it for the host's own requests.
  std::vector<std::string> shown(ToolDirectory& by, size_t number) {
    const auto list =
        request("1", "tools/list", number == 0 ? "{}" : "{\"cursor\":\"" + std::to_string(number) + "\"}");
    return names_in(by.shown(list, page(list), by.stamp(), {}).value());
  }

  std::vector<std::vector<std::string>> pages;
  ScriptedRemote remote;
  Collected other;
  Policy policy;
  ToolDirectory directory{remote, other, policy, true};
};

}  // namespace

TEST_CASE("Where nothing has to change the list passes as it came") {
  Pages server{{"search", "read_file"}};
  const auto list = request("1", "tools/list");
  const std::string text =
      R"({ "jsonrpc":"2.0", "id":1 ,"result":{"_meta":{},"tools":[ {"name" : "search","x":1.0}, {"title":"no name"} ]}})";
  CHECK(server.directory.shown(list, message(text), 0, {})->text() == text);
  CHECK(server.remote.sent().empty());
}

TEST_CASE("Only the names change, and everything else stays byte for byte") {
  Pages server{{}};
  const auto list = request("1", "tools/list");
  const auto shown = server.directory.shown(
      list,
      message(
          R"({ "jsonrpc":"2.0","id":1,"result": {"a":1e0,"tools" : [ {"x":"a.b","name":"a\u002eb","y":[1 ]} , {"name":"c"}], "z":2 } })"),
      0, {});
  REQUIRE(shown);
  CHECK(
      shown->text() ==
      R"({ "jsonrpc":"2.0","id":1,"result": {"a":1e0,"tools" : [{"x":"a.b","name":"a_b","y":[1 ]},{"name":"c"}], "z":2 } })");
}

TEST_CASE("What the policy hides is not listed, whatever it is called") {
  Pages server{{"platform.list", "platform.create", "agents.run", "platform"}};
  server.policy.allowed = {mcp::Scope::parse("tools:platform.*").value()};
  CHECK(server.shown(server.directory, 0) == std::vector<std::string>{"platform_list", "platform_create"});
  ToolDirectory original(server.remote, server.other, server.policy, false);
  CHECK(server.shown(original, 0) == std::vector<std::string>{"platform.list", "platform.create"});
  server.policy.allowed = {mcp::Scope::parse("tools:nothing.*").value()};
  CHECK(server.shown(server.directory, 0).empty());
}

TEST_CASE("What is no list of tools passes as it is") {
  const auto result = GENERATE("{}", R"({"tools":null})", R"({"tools":{"name":"a.b"}})",
                               R"({"tools":[1,"a.b",null,[],{"name":7},{"name":null}]})", "7");
  CAPTURE(result);
  Pages server{{}};
  const auto list = request("1", "tools/list");
  const auto answer = response_to(list, result);
  CHECK(server.directory.shown(list, answer, 0, {})->text() == answer.text());
}

TEST_CASE("A shown name leads to the server's, and the server's own is taken as well") {
  Pages server{{"platform.list", "search"}};
  CHECK(server.shown(server.directory, 0) == std::vector<std::string>{"platform_list", "search"});
  CHECK(server.directory.real_name("platform_list", a_call, {}) == "platform.list");
  CHECK(server.directory.real_name("platform.list", a_call, {}) == "platform.list");
  CHECK(server.directory.real_name("search", a_call, {}) == "search");
  CHECK(server.directory.real_name("unknown", a_call, {}) == "unknown");
  CHECK(server.remote.sent().empty());
}

TEST_CASE("A list that was on its way when the tools changed is shown, and its names are not kept") {
  Pages server{{"platform.new"}};
  const auto list = request("1", "tools/list");
  const auto asked = server.directory.stamp();
  server.directory.forget();
  const auto old_list = response_to(list, tools_json({"platform.old"}));
  CHECK(names_in(server.directory.shown(list, old_list, asked, {}).value()) ==
        std::vector<std::string>{"platform_old"});
  CHECK(server.directory.real_name("platform_new", a_call, {}) == "platform.new");
}

TEST_CASE("Where the host never listed the tools the server is asked once") {
  Pages server{{"platform.list"}, {"search"}};
  CHECK(server.directory.real_name("platform_list", a_call, {}) == "platform.list");
  CHECK(server.directory.real_name("search", a_call, {}) == "search");
  CHECK(server.remote.count("tools/list") == 2);  // two pages
}

TEST_CASE("A name that no host would be shown needs no list") {
  Pages server{{"platform.list"}};
  CHECK(server.directory.real_name("platform.list", a_call, {}) == "platform.list");
  ToolDirectory original(server.remote, server.other, server.policy, false);
  CHECK(original.real_name("platform_list", a_call, {}) == "platform_list");
  CHECK(server.remote.sent().empty());
}

TEST_CASE("Tools on different pages never share a name, whichever page the host has seen") {
  Pages server{{"a.b", "x"}, {"a/b"}, {"a_b"}};
  const std::vector<size_t> order = GENERATE(std::vector<size_t>{0, 1, 2}, std::vector<size_t>{2, 1, 0},
                                             std::vector<size_t>{1, 1, 0, 2, 0});
  std::map<size_t, std::vector<std::string>> seen;
  for (size_t number : order) {
    const auto shown = server.shown(server.directory, number);
    if (seen.contains(number)) CHECK(seen[number] == shown);
    seen[number] = shown;
  }
  CHECK(seen[0].at(1) == "x");
  CHECK(seen[2].at(0) == "a_b");
  CHECK(seen[0].at(0) != seen[1].at(0));
  CHECK(seen[0].at(0) != "a_b");
  CHECK(seen[1].at(0) != "a_b");
  CHECK(server.directory.real_name(seen[0].at(0), a_call, {}) == "a.b");
  CHECK(server.directory.real_name(seen[1].at(0), a_call, {}) == "a/b");
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a_b");
}

TEST_CASE("Pages of safe names pass without asking the server for the others") {
  Pages server{{"one"}, {"two"}};
  CHECK(server.shown(server.directory, 0) == std::vector<std::string>{"one"});
  CHECK(server.shown(server.directory, 1) == std::vector<std::string>{"two"});
  CHECK(server.remote.sent().empty());
}

TEST_CASE("A tool that came since is found, on a later page, too") {
  Pages server{{"a.b"}, {"c.d"}};
  CHECK(server.shown(server.directory, 0) == std::vector<std::string>{"a_b"});
  server.pages[1] = {"c.d", "a/b"};
  CHECK(server.shown(server.directory, 1).at(0) == "c_d");
  CHECK(server.directory.real_name(server.shown(server.directory, 1).at(1), a_call, {}) == "a/b");
}

TEST_CASE("After list_changed the names are asked for anew") {
  Pages server{{"a.b"}};
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  server.pages = {{"a/b"}};
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  server.directory.forget();
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a/b");
}

TEST_CASE("A list that was changed while it was loaded is not kept") {
  Pages server{{"a.b"}};
  int asked = 0;
  server.remote.on(
      "tools/list",
      [&](const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        if (++asked == 1) server.directory.forget();
        receiver.on_message(server.page(request));
        return {};
      });
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  CHECK(asked == 2);
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  CHECK(asked == 2);
}

TEST_CASE("Where the list can't be had the call fails with the reason, and the next one asks again") {
  Pages server{{"a.b"}};
  int asked = 0;
  server.remote.on(
      "tools/list",
      [&](const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        if (++asked == 1) return fail(ErrorCode::unreachable, "No way.", "");
        receiver.on_message(server.page(request));
        return {};
      });
  CHECK(server.directory.real_name("a_b", a_call, {}).error().code == ErrorCode::unreachable);
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
}

TEST_CASE("An error for an answer is no list: the next call asks again, unless there is no such method") {
  Pages server{{"a.b"}};
  int asked = 0;
  const int code = GENERATE(mcp::method_not_found, mcp::internal_error);
  server.remote.on(
      "tools/list",
      [&](const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        if (++asked == 1) {
          receiver.on_message(
              message(mcp::make_error(request.id(), static_cast<mcp::ErrorNumber>(code), "no")));
        } else {
          receiver.on_message(server.page(request));
        }
        return {};
      });
  CHECK(server.directory.real_name("a_b", a_call, {}).has_value() == (code == mcp::method_not_found));
  const auto name = server.directory.real_name("a_b", a_call, {});
  REQUIRE(name);
  CHECK(*name == (code == mcp::method_not_found ? "a_b" : "a.b"));
}

TEST_CASE("Cursors that lead in a circle come to an end") {
  ScriptedRemote remote;
  int asked = 0;
  remote.on(
      "tools/list",
      [&](const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        ++asked;
        const std::string next = request.param("cursor") == "\"a\"" ? "b" : "a";
        receiver.on_message(response_to(request, tools_json({"x.y"}, ",\"nextCursor\":\"" + next + "\"")));
        return {};
      });
  Collected other;
  const Policy policy;
  ToolDirectory directory(remote, other, policy, true);
  CHECK(directory.real_name("x_y", a_call, {}) == "x.y");
  CHECK(asked <= 200);
}

TEST_CASE("The directory's own requests have ids of their own, and what the server says meanwhile goes on") {
  Pages server{{"a.b"}, {"c"}};
  const std::string note = notification_text("notifications/message");
  server.remote.on(
      "tools/list",
      [&](const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        receiver.on_message(message(note));
        receiver.on_message(server.page(request));
        return {};
      });
  CHECK(server.directory.real_name("a_b", a_call, {}) == "a.b");
  CHECK(server.other.messages == std::vector<std::string>{note, note});
  const auto sent = server.remote.sent();
  REQUIRE(sent.size() == 2);
  CHECK(message(sent[0]).id() != message(sent[1]).id());
  for (const auto& text : sent) CHECK(message(text).id().starts_with("\"clickflow-mcp/"));
}

TEST_CASE("Many ask at once, and each gets the right name") {
  Pages server{{"a.b"}, {"a/b"}};
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  const auto shown = mcp::ToolNames({"a.b", "a/b"}).shown("a/b");
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        right += server.directory.real_name(shown, a_call, {}) == "a/b";
        if (n % 5 == 0) server.directory.forget();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 160);
}
