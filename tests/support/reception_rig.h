#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clickflow/bridge/reception.h"
#include "clickflow/mcp/json.h"
#include "support/fake_clock.h"
#include "support/json.h"
#include "support/messages.h"
#include "support/temporary_folder.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// A server that has what a test gives it, and can't be had while there is a problem. Any thread.
class FakeServer : public remote::Remote {
 public:
  FakeServer() {
    set("initialize",
        R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"real","version":"1"},"instructions":"Be good."})");
    set("server/discover",
        R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":60000,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"real","version":"1"}}})");
    set("tools/list", R"({"tools":[{"name":"work"}]})");
    set("tools/call", R"({"content":[]})");
  }

  /// What has no result is answered with -32601, and an empty one stands for an error. Of a page: its cursor
  /// goes behind the method, "tools/list 1".
  void set(const std::string& method, std::string result) {
    std::lock_guard lock(mutex_);
    results_[method] = std::move(result);
  }
  void fail_with(std::optional<Error> problem) {
    std::lock_guard lock(mutex_);
    problem_ = std::move(problem);
  }
  /// Requests of that method alone fail so.
  void fail_with(const std::string& method, std::optional<Error> problem) {
    std::lock_guard lock(mutex_);
    if (problem) {
      problems_.insert_or_assign(method, *problem);
    } else {
      problems_.erase(method);
    }
  }
  /// An interactive request signs in, and so ends the problem. `on_sign_in` is called when it does.
  void sign_in_when_asked(std::function<void()> on_sign_in = [] {}) {
    std::lock_guard lock(mutex_);
    signs_in_ = std::move(on_sign_in);
  }
  /// Nothing of that method ("" for everything) is answered until it is cancelled, or release().
  void hang(const std::string& method = {}) {
    std::lock_guard lock(mutex_);
    hanging_ = method;
  }
  void release() {
    std::lock_guard lock(mutex_);
    hanging_.reset();
    changed_.notify_all();
  }

  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override {
    const Cancellation::Callback wake(occasion.cancellation, [this] {
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    std::optional<std::string> result;
    {
      std::unique_lock lock(mutex_);
      sent_.push_back(message.text());
      changed_.notify_all();
      changed_.wait(lock, [&] { return !hangs(message) || occasion.cancellation.cancelled(); });
      if (occasion.cancellation.cancelled()) return fail(ErrorCode::cancelled, "Cancelled.", "");
      const bool has_problem = problem_ || problems_.contains(message.method());
      if (occasion.interactive && signs_in_ && has_problem) {
        if (occasion.notice) occasion.notice("Sign in.");
        signs_in_();
        problem_.reset();
        problems_.clear();
      }
      if (const auto found = problems_.find(message.method()); found != problems_.end())
        return tl::make_unexpected(found->second);
      if (problem_) return tl::make_unexpected(*problem_);
      const auto cursor = message.param("cursor");
      const auto page = message.method() + (cursor.empty() ? "" : " " + mcp::json::decode(cursor));
      if (const auto found = results_.find(page); found != results_.end()) result = found->second;
    }
    if (message.method() == "subscriptions/listen")
      return stream(message, receiver, occasion, result.value_or(R"({"toolsListChanged":true})"));
    if (!message.is_request()) return {};
    receiver.on_message(testing::message(!result ? mcp::make_error(message.id(), mcp::method_not_found, "?")
                                         : result->empty()
                                             ? mcp::make_error(message.id(), mcp::internal_error, "Go away")
                                             : mcp::make_result(message.id(), *result)));
    return {};
  }
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override {
    {
      std::lock_guard lock(mutex_);
      listener_ = &receiver;
      changed_.notify_all();
    }
    while (cancellation.sleep(60'000)) continue;
    std::lock_guard lock(mutex_);
    listener_ = nullptr;
  }
  void close(std::chrono::milliseconds) override {}

  /// On its own stream, once it is listened to.
  void say(const std::string& text) {
    remote::Receiver* listener = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, patience, [&] { return listener_ != nullptr; });
      listener = listener_;
    }
    if (listener) listener->on_message(testing::message(text));
  }
  bool is_listened_to() {
    std::lock_guard lock(mutex_);
    return listener_ != nullptr;
  }

  /// Methods, in order; those of requests of the bridge's own are in brackets.
  std::vector<std::string> sent() {
    std::lock_guard lock(mutex_);
    std::vector<std::string> methods;
    for (const auto& text : sent_) {
      const auto said = testing::message(text);
      const bool own = said.id().starts_with("\"clickflow-mcp/");
      methods.push_back(own ? "(" + said.method() + ")" : said.method());
    }
    return methods;
  }
  std::vector<std::string> texts() {
    std::lock_guard lock(mutex_);
    return sent_;
  }
  size_t count(const std::string& method) {
    const auto all = sent();
    return static_cast<size_t>(std::count(all.begin(), all.end(), method));
  }

 private:
  bool hangs(const mcp::Message& message) const {
    return hanging_ && (hanging_->empty() || *hanging_ == message.method());
  }
  Result<void> stream(const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion& occasion,
                      const std::string& granted) {
    receiver.on_message(testing::message(
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
        std::string(request.id()) + R"(},"notifications":)" + granted + "}}"));
    while (occasion.cancellation.sleep(60'000)) continue;
    return fail(ErrorCode::cancelled, "Cancelled.", "");
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> results_;
  std::optional<Error> problem_;
  std::map<std::string, Error> problems_;
  std::function<void()> signs_in_;
  std::optional<std::string> hanging_;
  std::vector<std::string> sent_;
  remote::Receiver* listener_ = nullptr;
};

/// What a host hears. Any thread.
class Heard : public remote::Receiver {
 public:
  void on_message(mcp::Message message) override {
    std::lock_guard lock(mutex_);
    all_.push_back(parse_json(message.text()));
  }
  std::vector<Json> all() const {
    std::lock_guard lock(mutex_);
    return all_;
  }
  size_t count(const std::string& method) const {
    std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count_if(
        all_.begin(), all_.end(), [&](const auto& each) { return each.value("method", "") == method; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Json> all_;
};

/// A host before a Reception before a FakeServer. A process: several in turn may use one folder.
class ReceptionRig {
 public:
  explicit ReceptionRig(const std::filesystem::path& folder, bridge::Reception::Settings settings = {})
      : known(std::make_unique<bridge::Catalog>(folder, bridge::Catalog::Key{"p", "e", "o", "a"}), clock),
        reception(server, known, quick(std::move(settings))) {}
  ~ReceptionRig() { end(); }

  /// No test waits for a person, nor for another minute, unless it says how long.
  static bridge::Reception::Settings quick(bridge::Reception::Settings settings) {
    settings.look_again = std::chrono::milliseconds(5);
    if (settings.longest_pause == bridge::Reception::Settings().longest_pause)
      settings.longest_pause = std::chrono::milliseconds(20);
    settings.survey_delay = {};
    return settings;
  }

  /// The result; the error's words where there is none.
  Json ask(const mcp::Message& request, bool interactive = false) {
    Heard inbox;
    const auto sent = reception.send(request, inbox, {Cancellation(), interactive});
    if (!sent) return sent.error().what;
    const auto all = inbox.all();
    if (all.size() != 1 || to_text(all[0]["id"]) != request.id()) return "not one answer";
    return all[0].contains("result") ? all[0]["result"] : all[0]["error"];
  }
  Json ask(const std::string& method, const std::string& params = "{}", bool interactive = false) {
    return ask(request(std::to_string(++ids), method, params), interactive);
  }
  Json ask_modern(const std::string& method, const std::string& params = "{}", bool interactive = false) {
    const auto plain = request(std::to_string(++ids), method, params);
    auto meta = parse_json(plain.text());
    meta["params"]["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                               {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
    return ask(message(to_text(meta)), interactive);
  }

  Json initialize(const std::string& revision = "2025-11-25") {
    return ask("initialize", R"({"protocolVersion":")" + revision +
                                 R"(","capabilities":{},"clientInfo":{"name":"t","version":"1"}})");
  }
  /// As the bridge does it.
  void initialized() {
    Heard none;
    REQUIRE(reception.send(notification("notifications/initialized"), none, {}));
    if (!listener.joinable()) listener = std::thread([this] { reception.listen(host, ending); });
  }
  void greet() {
    initialize();
    initialized();
  }
  /// All that is done behind has been done.
  bool settled() {
    return eventually([this] { return known.description(mcp::Era::legacy) && surveyed(); });
  }
  bool surveyed() { return known.has_heard(mcp::List::resource_templates); }

  void end() {
    ending.cancel();
    reception.close(std::chrono::milliseconds(100));
    CHECK(reception.finish(std::chrono::steady_clock::now() + patience));
    if (listener.joinable()) listener.join();
  }

  FakeClock clock;
  FakeServer server;
  bridge::KnownServer known;
  bridge::Reception reception;
  Heard host;
  Cancellation ending;
  std::thread listener;
  int ids = 0;
};

}  // namespace clickflow::testing
