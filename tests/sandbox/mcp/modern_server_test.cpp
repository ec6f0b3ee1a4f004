#include <catch2/catch_test_macros.hpp>

#include "../server_desk.h"
#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;
using clickflow::testing::eventually;

namespace {

/// Posts a modern request with the headers that it needs, and reads the answer until `enough` says so, or it
/// ends.
template <class Enough>
std::string post_modern(const ServerDesk& desk, const std::string& method, Json params, Enough enough) {
  params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
  params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = Json::object();
  httplib::Request request;
  request.method = "POST";
  request.path = "/v1/mcp";
  request.headers = desk.headers;
  request.set_header("Content-Type", "application/json");
  request.set_header("MCP-Protocol-Version", "2026-07-28");
  request.set_header("Mcp-Method", method);
  if (params.contains("name")) request.set_header("Mcp-Name", params.at("name").get<std::string>());
  request.body = to_text({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}});
  std::string all;
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    all.append(data, size);
    return !enough(all);
  };
  auto client = desk.client();
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  client.send(request, response, error);
  return all;
}

bool to_the_end(const std::string&) {
  return false;
}

}  // namespace

TEST_CASE("A modern client needs no session to follow a draft over a socket") {
  ServerDesk desk(4);  // slow enough to be seen in each of its steps on a busy machine
  const Json created = parse_json(post_modern(desk, "tools/call",
                                              {{"name", "platform.create_roadmap_item"},
                                               {"arguments", {{"keyword", "tea"}, {"start_drafting", true}}}},
                                              to_the_end));
  const Json workflow = created.at("result").at("structuredContent").at("workflow_id");
  const std::string followed = post_modern(desk, "tools/call",
                                           {{"name", "workflows.get_status"},
                                            {"arguments", {{"workflow_id", workflow}}},
                                            {"_meta", {{"progressToken", "t"}}}},
                                           to_the_end);
  CHECK(contains(followed, "Researching the keyword"));
  CHECK(contains(followed, R"(\"status\":\"Completed\")"));
}

TEST_CASE("A subscription ends with its connection, and makes room for others") {
  ServerDesk desk;
  const auto subscribe = [&] {
    return post_modern(desk, "subscriptions/listen", {{"notifications", Json::object()}},
                       [](const std::string& all) { return contains(all, "\n\n"); });
  };
  for (int i = 0; i < 64; ++i) subscribe();
  CHECK(eventually([&] { return contains(subscribe(), "acknowledged"); }));
}

TEST_CASE("A sandbox speaks the revisions that it was started for, and has tools for tests only if told to") {
  const auto tools = [](const ServerDesk& desk) {
    return post_modern(desk, "tools/list", Json::object(), to_the_end);
  };
  ServerDesk dual;
  CHECK(contains(tools(dual), "workflows.resume"));
  CHECK_FALSE(contains(tools(dual), "sandbox.review_workflow"));
  ServerDesk modern(1, Protocol::modern, true);
  CHECK(contains(tools(modern), "sandbox.review_workflow"));
  const auto refused = modern.client().Post("/v1/mcp", modern.headers, initialize, "application/json");
  REQUIRE(refused);
  CHECK(refused->status == 400);
  ServerDesk legacy(1, Protocol::legacy);
  CHECK(contains(tools(legacy), "Unsupported protocol version"));
  legacy.begin_session();
}
