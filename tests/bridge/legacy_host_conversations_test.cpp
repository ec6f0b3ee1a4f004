#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "clickflow/bridge/legacy_host_translator.h"
#include "clickflow/mcp/json.h"
#include "support/json.h"
#include "support/messages.h"

// Random legal conversations of a legacy host with a modern server, held against a model of both.

using namespace clickflow;
using bridge::LegacyHostTranslator;
using clickflow::testing::message;
using clickflow::testing::notification;
using clickflow::testing::request;

namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool one_in(int chances) { return below(chances) == 0; }

 private:
  std::minstd_rand engine_;
};

constexpr std::array<const char*, 3> asking_methods{"tools/call", "prompts/get", "resources/read"};
constexpr std::array<const char*, 3> questions{"elicitation/create", "sampling/createMessage", "roots/list"};

// A modern server without memory, as the revision wants it: all that it knows of a conversation is in the
// state that it gave. It counts how often each conversation came to its end.
class Server : public remote::Remote {
 public:
  explicit Server(unsigned seed) : random_(seed) {}

  Result<void> send(const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) override {
    const auto params = parse_json(asked.params());
    std::lock_guard lock(mutex_);
    const std::string id(asked.id());
    faults += !ids_.insert(id).second;  // no id twice
    const auto& said = params["_meta"];
    faults += !said.contains("io.modelcontextprotocol/protocolVersion") ||
              said["io.modelcontextprotocol/clientCapabilities"] !=
                  parse_json(R"({"elicitation":{},"sampling":{},"roots":{}})");
    const int conversation = params.value("number", -1);
    Json state{{"left", random_.below(4)}, {"conversation", conversation}};
    if (params.contains("requestState")) {
      state = parse_json(params["requestState"].get<std::string>());
      faults += state["conversation"] != conversation;
    }
    check_answers(params, state);
    if (random_.one_in(4))
      receiver.on_message(notification("notifications/progress", R"({"progressToken":1,"progress":1})"));
    const bool may_ask = asked.method() != "tools/list";
    if (!may_ask || state["left"] == 0) {
      if (random_.one_in(20)) return fail(ErrorCode::lost, "Lost.", "Look.");
      ++finished[conversation];
      receiver.on_message(message(random_.one_in(10)
                                      ? mcp::make_error(id, mcp::invalid_params, "no")
                                      : mcp::make_result(id, R"({"resultType":"complete","number":)" +
                                                                 std::to_string(conversation) + "}")));
      return {};
    }
    state["left"] = state["left"].get<int>() - 1;
    receiver.on_message(message(mcp::make_result(id, to_text(ask(state)))));
    return {};
  }
  void listen(remote::Receiver&, const Cancellation&) override {}
  void close(std::chrono::milliseconds) override {}

  std::map<int, int> finished;  // by conversation
  int faults = 0;
  int questions_put = 0;

 private:
  // Each question names itself, and must come back with the answer to just that.
  Json ask(Json state) {
    Json result{{"resultType", "input_required"}};
    state["open"] = Json::object();
    for (int i = random_.one_in(40) ? 0 : 1 + random_.below(3); i > 0; --i) {
      const std::string key = "k" + std::to_string(i) + (random_.one_in(3) ? "\n\"" : "");
      const std::string name = std::to_string(++questions_put);
      result["inputRequests"][key] = {{"method", questions[static_cast<size_t>(random_.below(3))]},
                                      {"params", {{"name", name}}}};
      state["open"][key] = name;
    }
    result["requestState"] = to_text(state);
    return result;
  }
  void check_answers(const Json& params, const Json& state) {
    const Json open = state.value("open", Json::object());
    const Json answers = params.value("inputResponses", Json::object());
    faults += open.size() != answers.size();
    for (const auto& [key, name] : open.items())
      faults += !answers.contains(key) ||
                (answers[key].value("answer", "") != name && answers[key] != Json{{"action", "cancel"}});
  }

  std::mutex mutex_;
  Random random_;
  std::set<std::string> ids_;
};

// A host that answers each question once, in another thread's time, or refuses it.
class Host : public remote::Receiver {
 public:
  Host(LegacyHostTranslator& translator, unsigned seed) : translator_(translator), random_(seed) {}

  void on_message(mcp::Message said) override {
    if (said.is_response()) {
      answers.push_back(said.text());
      return;
    }
    if (!said.is_request()) return;
    faults += !asked_.insert(parse_json(said.text())["params"]["name"].get<std::string>()).second;
    const std::string id(said.id());
    const bool elicits = said.method() == "elicitation/create";
    const bool refuses = random_.one_in(elicits ? 5 : 40);
    refused_others += refuses && !elicits;
    const Json result{{"answer", parse_json(said.text())["params"]["name"]}};
    const auto answer = message(refuses ? mcp::make_error(id, mcp::internal_error, "no")
                                        : mcp::make_result(id, to_text(result)));
    const int times = random_.one_in(10) ? 2 : 1;  // a second one is nobody's
    for (int i = 0; i < times; ++i) faults += !translator_.send(answer, *this, {});
  }
  std::vector<std::string> answers;
  int faults = 0;
  int refused_others = 0;

 private:
  LegacyHostTranslator& translator_;
  Random random_;
  std::set<std::string> asked_;
};

}  // namespace

TEST_CASE("In thousands of random conversations every request gets one answer and nothing runs twice") {
  constexpr int conversations_each = 750;
  constexpr int hosts = 4;
  Server server(728);
  LegacyHostTranslator translator(server);
  {
    testing::Collected ignored;
    translator.discovered(R"({"capabilities":{}})");
    REQUIRE(translator.send(
        request(
            "0", "initialize",
            R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{},"sampling":{},"roots":{}}})"),
        ignored, {}));
  }
  std::mutex mutex;
  std::map<int, bool> answered;  // by conversation; false: a failure
  int faults = 0, refused = 0, failed = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < hosts; ++number) {
    threads.emplace_back([&, number] {
      Random random(static_cast<unsigned>(100 + number));
      Host host(translator, static_cast<unsigned>(200 + number));
      for (int i = 0; i < conversations_each; ++i) {
        const int conversation = number * conversations_each + i;
        const bool asks = !random.one_in(5);
        const std::string method = asks ? asking_methods[static_cast<size_t>(random.below(3))] : "tools/list";
        const std::string id = "\"" + std::to_string(conversation) + "\"";
        host.answers.clear();
        const auto sent = translator.send(
            request(id, method, R"({"number":)" + std::to_string(conversation) + "}"), host, {});
        std::lock_guard lock(mutex);
        faults += host.answers.size() != (sent ? 1u : 0u);
        for (const auto& text : host.answers)
          faults += parse_json(text)["id"] != std::to_string(conversation);
        faults += !answered.emplace(conversation, sent.has_value()).second;
        failed += !sent;
      }
      std::lock_guard lock(mutex);
      faults += host.faults;
      refused += host.refused_others;
    });
  }
  for (auto& thread : threads) thread.join();

  CHECK(faults == 0);
  CHECK(server.faults == 0);
  CHECK(answered.size() == hosts * conversations_each);
  for (const auto& [conversation, was_answered] : answered)
    CHECK(server.finished[conversation] == (was_answered ? 1 : 0));
  // It was no quiet afternoon.
  CHECK(server.questions_put > 1000);
  CHECK(refused > 10);
  CHECK(failed > 50);
}
