#include "clickflow/bridge/host_questions.h"

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "support/json.h"
#include "support/messages.h"
#include "support/waiting.h"

using namespace clickflow;
using bridge::HostQuestions;
using clickflow::testing::message;

namespace {

// A host that answers what it is asked, in a thread of its own as a real one does.
class Host : public remote::Receiver {
 public:
  explicit Host(HostQuestions& questions, std::map<std::string, std::string> answers)
      : questions_(questions), answers_(std::move(answers)) {}
  ~Host() override {
    for (auto& thread : threads_) thread.join();
  }
  void on_message(mcp::Message said) override {
    heard.push_back(parse_json(said.text()));
    const auto found = answers_.find(said.method());
    if (found == answers_.end()) return;
    threads_.emplace_back([this, text = R"({"jsonrpc":"2.0","id":)" + std::string(said.id()) + "," +
                                        found->second + "}"] { CHECK(questions_.answer(message(text))); });
  }
  std::vector<Json> heard;

 private:
  HostQuestions& questions_;
  const std::map<std::string, std::string> answers_;
  std::vector<std::thread> threads_;
};

const mcp::InputRequest form{"\"f\"", "elicitation/create", R"({"message":"Who?"})"};
const mcp::InputRequest roots{"\"r\"", "roots/list", ""};
const mcp::InputRequest sampling{"\"s\"", "sampling/createMessage", R"({"maxTokens":5})"};

}  // namespace

TEST_CASE("A host is asked everything at once, and the answers keep the questions' order and their bytes") {
  HostQuestions questions(testing::patience);
  Host host(questions, {{"elicitation/create", R"("result":{"action":"accept","content":{"n":1.50}})"},
                        {"roots/list", R"("result":{"roots":[ ]})"}});
  const auto answers = questions.ask({roots, form}, host, {});
  REQUIRE(answers);
  CHECK(*answers ==
        std::vector<std::string>{R"({"roots":[ ]})", R"({"action":"accept","content":{"n":1.50}})"});
  REQUIRE(host.heard.size() == 2);
  CHECK(host.heard[0]["method"] == "roots/list");
  CHECK_FALSE(host.heard[0].contains("params"));
  CHECK(host.heard[1]["params"]["message"] == "Who?");
  CHECK(host.heard[0]["id"] != host.heard[1]["id"]);
}

TEST_CASE("A link gets the id that older revisions want for it") {
  HostQuestions questions(testing::patience);
  Host host(questions, {{"elicitation/create", R"("result":{"action":"accept"})"}});
  REQUIRE(questions.ask(
      {{"\"u\"", "elicitation/create", R"({"mode":"url","url":"https://a.b/","message":"m"})"}}, host, {}));
  CHECK(host.heard[0]["params"]["elicitationId"].is_string());
  CHECK(host.heard[0]["params"]["url"] == "https://a.b/");
}

TEST_CASE("An elicitation that the host refuses counts as cancelled") {
  HostQuestions questions(testing::patience);
  Host host(questions, {{"elicitation/create", R"("error":{"code":-32603,"message":"no window"})"}});
  const auto answers = questions.ask({form}, host, {});
  REQUIRE(answers);
  CHECK(answers->front() == R"({"action":"cancel"})");
}

TEST_CASE("Another question that the host refuses is a failure, and what is open is taken back") {
  HostQuestions questions(testing::patience);
  Host host(questions,
            {{"sampling/createMessage", R"("error":{"code":-1,"message":"User rejected sampling"})"}});
  const auto answers = questions.ask({form, sampling}, host, {});
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::rejected);
  CHECK(answers.error().what.find("User rejected sampling") != std::string::npos);
  REQUIRE(host.heard.size() == 3);
  CHECK(host.heard[2]["method"] == "notifications/cancelled");
  CHECK(host.heard[2]["params"]["requestId"] == host.heard[0]["id"]);
}

TEST_CASE("A question is taken back when its call is cancelled, and when nobody answers in time") {
  HostQuestions impatient(std::chrono::milliseconds(20));
  Host silent(impatient, {});
  CHECK(impatient.ask({form}, silent, {}).error().code == ErrorCode::timed_out);
  REQUIRE(silent.heard.size() == 2);
  CHECK(silent.heard[1]["params"]["requestId"] == silent.heard[0]["id"]);

  HostQuestions patient(testing::patience);
  Host other(patient, {});
  const Cancellation cancellation;
  std::thread cancel([&] { cancellation.cancel(); });
  CHECK(patient.ask({form}, other, cancellation).error().code == ErrorCode::cancelled);
  cancel.join();
  CHECK(other.heard.back()["method"] == "notifications/cancelled");
}

TEST_CASE("An answer that comes twice, late, or to nothing of ours changes nothing") {
  HostQuestions questions(testing::patience);
  CHECK_FALSE(questions.answer(message(R"({"jsonrpc":"2.0","id":"clickflow-mcp/question/1","result":{}})")));
  CHECK_FALSE(questions.answer(message(R"({"jsonrpc":"2.0","id":7,"result":{}})")));
  struct Twice : remote::Receiver {
    explicit Twice(HostQuestions& the_questions) : questions(the_questions) {}
    void on_message(mcp::Message said) override {
      const std::string id(said.id());
      CHECK(questions.answer(message(mcp::make_result(id, R"({"first":1})"))));
      CHECK(questions.answer(message(mcp::make_result(id, R"({"second":2})"))));
    }
    HostQuestions& questions;
  } twice(questions);
  CHECK(questions.ask({roots}, twice, {}).value().front() == R"({"first":1})");
}
