#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "support/json.h"
#include "support/modern_host_rig.h"
#include "support/random_text.h"

// Conversations of every legal kind, side by side, against a model of what each must come to.
namespace clickflow::testing {
namespace {

using namespace std::chrono_literals;
using Call = LegacyServer::Call;
using Answer = LegacyServer::Answer;

constexpr unsigned rigs = 86;
constexpr unsigned hosts = 4;          // threads, in each
constexpr unsigned conversations = 6;  // of each host

struct Method {
  std::string name;
  std::string params;
  std::string capability;
};
const std::vector<Method> questions{
    {"roots/list", "{}", "roots"},
    {"sampling/createMessage", R"({"maxTokens":1})", "sampling"},
    {"elicitation/create", R"({"message":"m"})", "elicitation"},
};
const std::vector<std::string> capabilities{asks_all, R"({"roots":{}})",
                                            R"({"elicitation":{},"sampling":{}})"};

// What has gone wrong, from whatever thread.
class Faults {
 public:
  void add(const std::string& what) {
    std::lock_guard lock(mutex_);
    faults_.push_back(what);
  }
  std::string text() {
    std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& fault : faults_) all += fault + "\n";
    return all;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> faults_;
};

// The server does what a call's own arguments tell it, and keeps count.
class Server {
 public:
  explicit Server(LegacyServer& server) {
    server.on("tools/call", [this](const Call& call) { return carry_out(call); });
  }
  int runs(const std::string& name) {
    std::lock_guard lock(mutex_);
    return runs_[name];
  }
  std::vector<std::string> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  Answer carry_out(const Call& call) {
    const std::string name = mcp::json::decode(call.request.param("name"));
    const auto script = parse_json(call.request.param("arguments"));
    const std::string token = member_text(call.request.param("_meta"), "progressToken");
    {
      std::lock_guard lock(mutex_);
      if (refused_[name]++ < script["links"].get<int>()) {
        return Answer::error(
            R"({"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","url":"https://x","message":"m"}]}})");
      }
      ++runs_[name];
    }
    Json answers = Json::array();
    int told = 0;
    const auto& rounds = script["rounds"];
    for (size_t round = 0; round < rounds.size(); ++round) {
      std::vector<std::string> ids;
      for (const auto& question : rounds[round]) {
        call.say(notification_text(
            "notifications/progress",
            R"({"progressToken":)" + token + R"(,"progress":)" + std::to_string(++told) + "}"));
        const auto& method = questions.at(question.get<size_t>());
        ids.push_back(call.begin_to_ask(method.name, method.params));
        std::lock_guard lock(mutex_);
        asked_.push_back(ids.back());
      }
      if (round + 1 == rounds.size() && script["hurries"]) break;
      for (const auto& id : ids) {
        const auto answer = call.wait_for_answer(id);
        if (!answer) return Error{ErrorCode::cancelled, "Cancelled.", ""};
        answers.push_back(parse_json(*answer).value("result", Json("refused")));
      }
    }
    if (script["end"] == "lost") return Error{ErrorCode::lost, "Lost.", ""};
    if (script["end"] == "error") return Answer::error(R"({"code":-5,"message":"no"})");
    return to_text({{"answers", answers}, {"told", told}});
  }

  std::mutex mutex_;
  std::map<std::string, int> refused_, runs_;
  std::vector<std::string> asked_;
};

struct Heard : remote::Receiver {
  void on_message(mcp::Message said) override { messages.push_back(parse_json(said.text())); }
  std::vector<Json> messages;
};

// One call of a host's, with all its retries.
class Conversation {
 public:
  Conversation(ModernHostRig& rig, Server& server, Faults& faults, RandomText& random, std::string name)
      : rig_(rig), server_(server), faults_(faults), random_(random), name_(std::move(name)) {}

  void hold() {
    plan();
    Json answer = send("");
    while (!over_ && answer.is_object() && answer.contains("result") &&
           answer["result"]["resultType"] == "input_required") {
      answer = go_on(answer["result"]);
    }
    if (!over_) check_end(answer);
    const int runs = server_.runs(name_);
    if (runs > 1) fault("run " + std::to_string(runs) + " times");
    if (runs != 1 && !over_) fault("not run");
  }
  /// For a host that did not go on: what a late retry brings.
  void come_late() {
    if (abandoned_.empty()) return;
    const Json answer = send(abandoned_);
    if (answer["error"]["code"] != -32602) fault("a late retry was let through");
  }

 private:
  void fault(const std::string& what) { faults_.add(name_ + ": " + what + "; script " + to_text(script_)); }

  void plan() {
    capabilities_ = random_.one_of(capabilities);
    script_ = {{"links", random_.chance(15) && capabilities_ == asks_all ? 1 : 0},
               {"hurries", random_.chance(20)},
               {"end", random_.chance(10)   ? "lost"
                       : random_.chance(10) ? "error"
                                            : "result"},
               {"rounds", Json::array()}};
    for (size_t round = random_.number(3); round > 0; --round) {
      Json asked = Json::array();
      for (size_t i = 0; i <= random_.number(2); ++i) asked.push_back(random_.number(2));
      script_["rounds"].push_back(asked);
    }
  }

  mcp::Message request(const std::string& more) {
    const std::string id = "\"" + name_ + "/" + std::to_string(++requests_) + "\"";
    return modern_request(
        id, "tools/call", R"("name":")" + name_ + R"(","arguments":)" + to_text(script_) + more,
        capabilities_, R"(,"progressToken":")" + name_ + (token_changes_++ == 0 ? "" : "'") + "\"");
  }

  // The answer to one request; an empty one where it failed.
  Json send(const std::string& more) {
    const auto asked = request(more);
    Heard heard;
    const auto sent = rig_.translator().send(asked, heard, {});
    return take(asked, sent, heard.messages);
  }

  Json take(const mcp::Message& asked, const Result<void>& sent, const std::vector<Json>& messages) {
    std::vector<Json> responses;
    for (const auto& message : messages) {
      if (!message.contains("method")) {
        responses.push_back(message);
        continue;
      }
      if (!responses.empty()) fault("something was said after the answer");
      if (message["params"]["progress"] != ++told_) fault("progress was lost, or came twice");
      const auto token = mcp::json::decode(member_text(asked.param("_meta"), "progressToken"));
      if (message["params"]["progressToken"] != token) fault("progress under a wrong token");
    }
    if (!sent) {
      if (!responses.empty()) fault("answered, and failed");
      failure_ = sent.error().code;
      return {};
    }
    if (responses.size() != 1) {
      fault(std::to_string(responses.size()) + " answers to one request");
      return {};
    }
    if (responses[0]["id"] != parse_json(asked.id())) fault("an answer under another id");
    return responses[0];
  }

  std::string retry(const Json& asked, const Json& responses) {
    return R"(,"inputResponses":)" + to_text(responses) + R"(,"requestState":)" +
           to_text(asked["requestState"]);
  }

  Json go_on(const Json& asked) {
    Json responses = Json::object();
    const bool leaves_out = random_.chance(25);
    for (const auto& [key, question] : asked["inputRequests"].items()) {
      if (leaves_out && random_.chance(50)) continue;
      responses[key] = {{"to", question["method"]}, {"n", ++given_}};
    }
    const std::string more = retry(asked, responses);
    if (random_.chance(8)) {
      over_ = true;
      abandoned_ = more;
      return {};
    }
    if (random_.chance(10)) check_refused(R"(,"requestState":"AAAA")");
    if (random_.chance(10)) return cancel(more);
    if (random_.chance(10)) return send_twice(more, responses);
    note(responses);
    const Json answer = send(more);
    if (random_.chance(15)) check_refused(more);
    return answer;
  }

  void note(const Json& responses) {
    for (const auto& [key, response] : responses.items()) answers_.insert(to_text(response));
  }

  void check_refused(const std::string& more) {
    const Json answer = send(more);
    if (!answer.contains("error") || answer["error"]["code"] != -32602)
      fault("a state was let through: " + to_text(answer));
  }

  // Two retries with one state: one of them goes on.
  Json send_twice(const std::string& more, const Json& responses) {
    note(responses);
    const auto first = request(more), second = request(more);
    {
      Heard heard;
      Sending other(rig_.translator(), first);
      const auto sent = rig_.translator().send(second, heard, {});
      const auto other_sent = other.wait();
      std::vector<Json> other_heard;
      for (const auto& text : other.heard()) other_heard.push_back(parse_json(text));
      const bool other_refused = other_heard.size() == 1 && other_heard[0].contains("error") &&
                                 other_heard[0]["error"]["code"] == -32602;
      const bool refused = heard.messages.size() == 1 && heard.messages[0].contains("error") &&
                           heard.messages[0]["error"]["code"] == -32602;
      if (refused == other_refused) fault("one state was good for none, or for two");
      return other_refused ? take(second, sent, heard.messages) : take(first, other_sent, other_heard);
    }
  }

  // It may have been answered before the cancellation comes, or be asked again.
  Json cancel(const std::string& more) {
    const auto asked = request(more);
    over_ = true;
    Sending sending(rig_.translator(), asked);
    if (random_.chance(50)) std::this_thread::sleep_for(std::chrono::microseconds(random_.number(300)));
    sending.cancellation.cancel();
    const auto sent = sending.wait();
    std::vector<Json> heard;
    for (const auto& text : sending.heard()) heard.push_back(parse_json(text));
    const Json answer = take(asked, sent, heard);
    if (!sent && sent.error().code != ErrorCode::cancelled && sent.error().code != ErrorCode::lost)
      fault("a cancelled call failed otherwise");
    // Where the cancellation came too late, the call is left as it is.
    return answer;
  }

  void check_end(const Json& answer) {
    if (script_["end"] == "lost") {
      if (!answer.is_null() || failure_ != ErrorCode::lost) fault("not lost, but " + to_text(answer));
    } else if (script_["end"] == "error") {
      if (answer["error"]["code"] != -5) fault("not an error, but " + to_text(answer));
    } else if (!answer.contains("result")) {
      fault("no result, but " + to_text(answer));
    } else {
      check_result(answer["result"]);
    }
  }

  void check_result(const Json& result) {
    if (result["resultType"] != "complete") fault("not complete");
    if (result["told"] != told_) fault("progress was lost");
    std::vector<size_t> asked;
    for (size_t round = 0; round < script_["rounds"].size(); ++round) {
      if (round + 1 == script_["rounds"].size() && script_["hurries"]) break;
      for (const auto& question : script_["rounds"][round]) asked.push_back(question);
    }
    if (result["answers"].size() != asked.size()) return fault("answers are missing: " + to_text(result));
    std::set<std::string> used;
    for (size_t i = 0; i < asked.size(); ++i) {
      const auto& answer = result["answers"][i];
      const bool declared = parse_json(capabilities_).contains(questions.at(asked[i]).capability);
      if (!declared) {
        if (answer != "refused") fault("the host was asked what it has not declared");
      } else if (answer == "refused" || answer["to"] != questions.at(asked[i]).name ||
                 !answers_.contains(to_text(answer)) || !used.insert(to_text(answer)).second) {
        fault("a wrong answer: " + to_text(result));
      }
    }
  }

  ModernHostRig& rig_;
  Server& server_;
  Faults& faults_;
  RandomText& random_;
  const std::string name_;
  std::string capabilities_;
  Json script_;
  std::set<std::string> answers_;  // that the host has given
  std::string abandoned_;
  std::optional<ErrorCode> failure_;
  bool over_ = false;
  int requests_ = 0, token_changes_ = 0, told_ = 0, given_ = 0;
};

std::string converse(unsigned seed) {
  auto settings = ModernHostRig::quick();
  settings.gather_time = std::chrono::milliseconds(seed % 4 == 0 ? 1 : 0);
  ModernHostRig rig(settings);
  Server server(rig.server);
  Faults faults;
  (void)rig.translator();
  std::deque<RandomText> randoms;
  std::vector<std::vector<std::unique_ptr<Conversation>>> held(hosts);
  std::vector<std::thread> threads;
  for (unsigned host = 0; host < hosts; ++host) {
    randoms.emplace_back(seed * hosts + host);
    threads.emplace_back([&, host, &random = randoms.back()] {
      for (unsigned i = 0; i < conversations; ++i) {
        const std::string name = std::to_string(host) + "." + std::to_string(i);
        held[host].push_back(std::make_unique<Conversation>(rig, server, faults, random, name));
        held[host].back()->hold();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  rig.clock.pass(settings.suspended_limit);
  for (const auto& of_host : held) {
    for (const auto& conversation : of_host) conversation->come_late();
  }
  const auto asked = server.asked();
  const bool all_answered = eventually([&] {
    rig.clock.pass(settings.suspended_limit);
    return std::all_of(asked.begin(), asked.end(),
                       [&](const std::string& id) { return rig.server.answers_to(id) > 0; });
  });
  if (!all_answered) faults.add("a question was never answered");
  rig.end();
  for (const auto& id : asked) {
    if (rig.server.answers_to(id) != 1) faults.add("question " + id + " was not answered once");
  }
  return faults.text();
}

}  // namespace
}  // namespace clickflow::testing

TEST_CASE(
    "Whatever is asked, answered, left out, tried twice, cancelled or left lying: each request gets one "
    "answer, "
    "nothing is lost or run twice, and each question is answered once") {
  for (unsigned seed = 1; seed <= clickflow::testing::rigs; ++seed) {
    CAPTURE(seed);
    const auto faults = clickflow::testing::converse(seed);
    if (!faults.empty()) FAIL(faults);
  }
}
