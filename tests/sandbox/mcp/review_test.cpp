#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;
using std::chrono::seconds;

namespace {

constexpr const char* tool = "sandbox.review_workflow";
const Json forms = parse_json(R"({"elicitation": {"form": {}}})");

McpSettings with_controls() {
  McpSettings settings;
  settings.test_controls = true;
  return settings;
}

/// A sandbox with a draft that waits for its keywords_review, or soon will.
struct ReviewDesk : ModernDesk {
  explicit ReviewDesk(int elapsed_seconds = 5) : ModernDesk(with_controls()) {
    workflow = draft("sandbox:keywords_review");
    hands.move(seconds(elapsed_seconds));
  }
  Json review(Json more = Json::object(), Json capabilities = forms) const {
    more["_meta"] = meta(std::move(capabilities));
    return call(tool, {{"workflow_id", workflow}}, std::move(more));
  }
  /// The call again, with this answer to its question.
  Json answer(const std::string& state, Json response) const {
    return review({{"requestState", state}, {"inputResponses", {{"decision", std::move(response)}}}});
  }
  std::string state() { return result(review()).at("requestState"); }
  std::string status() {
    return result(call("workflows.get_status", {{"workflow_id", workflow}}))
        .at("structuredContent")
        .at("status");
  }

  std::string workflow;
};

Json accepted(const char* decision) {
  return {{"action", "accept"}, {"content", {{"decision", decision}}}};
}

}  // namespace

TEST_CASE("The tool that asks is there for tests only, and for modern clients only") {
  ModernDesk plain;
  CHECK(plain.post(ModernDesk::request("tools/list")).body.find(tool) == std::string::npos);
  CHECK(error_code(plain.post(ModernDesk::call(tool))) == -32602);

  ReviewDesk desk;
  const Json tools = desk.result(ModernDesk::request("tools/list")).at("tools");
  CHECK(tools.size() == 8);
  CHECK(tools.back().at("name") == tool);
  const Reply greeted = desk.send(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})", {});
  const Headers session{{"mcp-session-id", header_of(greeted, "Mcp-Session-Id")}};
  const Reply listed = desk.send(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", session);
  CHECK(listed.status == 200);
  CHECK(listed.body.find(tool) == std::string::npos);
  const Reply called = desk.send(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sandbox.review_workflow"}})",
      session);
  CHECK(error_code(called) == -32602);
}

TEST_CASE("A workflow that waits for a person asks by a form, and goes on with the answer") {
  ReviewDesk desk;
  const Json asked = desk.result(desk.review());
  CHECK(asked.at("resultType") == "input_required");
  CHECK(asked.at("_meta").contains("io.modelcontextprotocol/serverInfo"));
  CHECK_FALSE(asked.contains("ttlMs"));
  REQUIRE(asked.at("inputRequests").size() == 1);
  const Json question = asked.at("inputRequests").at("decision");
  CHECK(question.at("method") == "elicitation/create");
  CHECK(question.at("params").at("mode") == "form");
  CHECK(question.at("params").at("message") ==
        "The draft \"Tea: what to know\" waits for its keywords_review. How shall it go on?");
  CHECK(question.at("params").at("requestedSchema") ==
        parse_json(R"({"type": "object", "properties": {"decision": {"type": "string", "title": "Decision",
                        "enum": ["approve", "replace", "reject"]}}, "required": ["decision"]})"));
  CHECK(desk.status() == "Human Review");

  const Json done = desk.result(desk.answer(asked.at("requestState"), accepted("approve")));
  CHECK(done.at("resultType") == "complete");
  CHECK(done.at("structuredContent").at("status") == "In Progress");
  CHECK(desk.status() == "In Progress");
}

TEST_CASE("A state decides one review once") {
  ReviewDesk desk;
  const Json answer = desk.answer(desk.state(), accepted("approve"));
  CHECK(desk.result(answer).at("isError") == false);
  const Json again = desk.result(answer);
  CHECK(again.at("isError") == true);
  CHECK(again.at("content").at(0).at("text") ==
        "The workflow does not wait for a review: its status is In Progress.");
}

TEST_CASE("A person who declines or turns away leaves the workflow waiting") {
  ReviewDesk desk;
  for (const char* action : {"decline", "cancel"}) {
    const Json result = desk.result(desk.answer(desk.state(), {{"action", action}}));
    CHECK(result.at("isError") == false);
    CHECK(result.at("structuredContent").at("status") == "Human Review");
    CHECK(desk.status() == "Human Review");
  }
}

TEST_CASE("What was not answered is asked again") {
  ReviewDesk desk;
  const auto type = [&](const Json& message) { return desk.result(message).at("resultType"); };
  const std::string state = desk.state();
  CHECK(type(desk.review({{"requestState", state}})) == "input_required");
  CHECK(type(desk.review({{"requestState", state}, {"inputResponses", {{"other", accepted("approve")}}}})) ==
        "input_required");
  CHECK(type(desk.answer(state, {{"action", "accept"}, {"content", Json::object()}})) == "input_required");
  CHECK(type(desk.answer(state, "approve")) == "input_required");
  // Without a state it is nobody's answer.
  CHECK(type(desk.review({{"inputResponses", {{"decision", accepted("approve")}}}})) == "input_required");
  CHECK(desk.status() == "Human Review");
}

TEST_CASE("A decision that was not offered is refused, and the workflow still waits") {
  ReviewDesk desk;
  const Json result = desk.result(desk.answer(desk.state(), accepted("rewrite")));
  CHECK(result.at("isError") == true);
  CHECK(desk.status() == "Human Review");
}

TEST_CASE("A state is refused where it is forged, expired, another's, or for another request") {
  ReviewDesk desk;
  const std::string state = desk.state();
  const auto code = [&](const Json& message, const Headers& changed = {}) {
    return error_code(desk.post(message, changed));
  };
  std::string forged = state;
  forged[3] = forged[3] == 'A' ? 'B' : 'A';
  CHECK(code(desk.answer(forged, accepted("approve"))) == -32602);
  CHECK(code(desk.review({{"requestState", 5}})) == -32602);
  CHECK(code(desk.review({{"requestState", state}, {"inputResponses", "approve"}})) == -32602);
  // Any tool refuses a state that is not its own.
  CHECK(code(ModernDesk::call("platform.list_organizations", Json::object(), {{"requestState", state}})) ==
        -32602);

  const std::string first = desk.workflow;
  desk.workflow = desk.draft("sandbox:keywords_review");
  CHECK(code(desk.answer(state, accepted("approve"))) == -32602);
  desk.workflow = first;
  CHECK(code(desk.answer(state, accepted("approve")), {{"x-organization-id", "org_xyz789"}}) == -32602);

  const std::string key = desk.key;
  desk.key = desk.make_key();
  CHECK(code(desk.answer(state, accepted("approve"))) == -32602);
  desk.key = key;
  desk.hands.move(std::chrono::minutes(5));
  CHECK(code(desk.answer(state, accepted("approve"))) == -32602);
  CHECK(desk.status() == "Human Review");
  CHECK(desk.result(desk.answer(desk.state(), accepted("approve"))).at("isError") == false);
}

TEST_CASE("A client that takes no forms is told what it lacks, and nothing is asked") {
  ReviewDesk desk;
  for (const char* capabilities : {"{}", R"({"elicitation": {"url": {}}})", R"({"sampling": {}})"}) {
    CAPTURE(capabilities);
    const Reply reply = desk.post(desk.review(Json::object(), parse_json(capabilities)));
    CHECK(reply.status == 400);
    CHECK(error_code(reply) == -32021);
    CHECK(json_of(reply).at("error").at("data") ==
          parse_json(R"({"requiredCapabilities": {"elicitation": {"form": {}}}})"));
  }
  CHECK(desk.result(desk.review(Json::object(), parse_json(R"({"elicitation": {}})"))).at("resultType") ==
        "input_required");
}

TEST_CASE("Only a workflow that is there and waits asks") {
  ReviewDesk desk(1);
  const Json early = desk.result(desk.review());
  CHECK(early.at("isError") == true);
  CHECK(early.at("content").at(0).at("text") ==
        "The workflow does not wait for a review: its status is In Progress.");
  desk.workflow = "wf_nothing";
  CHECK(desk.result(desk.review()).at("content").at(0).at("text") ==
        "There is no workflow \"wf_nothing\" in this organization.");
}

TEST_CASE("The tool that asks needs its scope as any other") {
  ReviewDesk desk;
  desk.key = desk.make_key("tools:workflows.*");
  CHECK(desk.result(desk.review()).at("content").at(0).at("text") ==
        "Insufficient scope: tools:sandbox.review_workflow");
}

TEST_CASE("A question may come at the end of a stream") {
  ReviewDesk desk;
  Json message = desk.review();
  message["params"]["_meta"]["progressToken"] = 1;
  const auto messages = messages_of(desk.post(message));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].at("result").at("resultType") == "input_required");
}
