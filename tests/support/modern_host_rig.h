#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clickflow/bridge/modern_host_translator.h"
#include "clickflow/mcp/json.h"
#include "support/legacy_server.h"
#include "support/manual_clock.h"
#include "support/messages.h"

namespace clickflow::testing {

/// Declares all that a host can be asked for.
constexpr const char* asks_all = R"({"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{}})";

inline std::string modern_meta(const std::string& capabilities, const std::string& more = "") {
  return R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientInfo":{"name":"host","version":"7"},)"
         R"("io.modelcontextprotocol/clientCapabilities":)" +
         capabilities + more + "}";
}

/// A request as a modern host makes it; `params` are members without braces, `meta` entries after a comma.
inline mcp::Message modern_request(const std::string& id, const std::string& method,
                                   const std::string& params = "", const std::string& capabilities = asks_all,
                                   const std::string& meta = "") {
  return request(
      id, method,
      "{" + params + (params.empty() ? "" : ",") + "\"_meta\":" + modern_meta(capabilities, meta) + "}");
}

/// Something has happened. Any thread.
class Flag {
 public:
  void raise() {
    std::lock_guard lock(mutex_);
    raised_ = true;
    changed_.notify_all();
  }
  /// False if it was not raised within the limit.
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return raised_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

/// One request of the host's, sent from a thread of its own, and what came of it.
class Sending : private remote::Receiver {
 public:
  Sending(remote::Remote& remote, mcp::Message request)
      : request_(std::move(request)), thread_([this, &remote] {
          const auto done = remote.send(request_, *this, {cancellation, false});
          std::lock_guard lock(mutex_);
          result_ = done;
          over_ = true;
          changed_.notify_all();
        }) {}
  ~Sending() override { thread_.join(); }

  Cancellation cancellation;

  /// What send() returned, once it has; a time-out is an error of its own.
  Result<void> wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return over_; }))
      return fail(ErrorCode::system, "send() did not return.", "");
    return result_;
  }
  bool is_over() {
    std::lock_guard lock(mutex_);
    return over_;
  }
  std::vector<std::string> heard() {
    std::lock_guard lock(mutex_);
    return heard_;
  }
  bool wait_for_heard(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return heard_.size() >= count; });
  }
  /// The one response; throws where there is none, or more.
  mcp::Message response() {
    if (const auto sent = wait(); !sent)
      throw std::runtime_error(request_.text() + " failed: " + sent.error().what);
    std::vector<std::string> responses;
    for (const auto& text : heard()) {
      if (message(text).is_response()) responses.push_back(text);
    }
    if (responses.size() != 1)
      throw std::runtime_error(std::to_string(responses.size()) + " responses to " + request_.text());
    return message(responses.front());
  }

 private:
  void on_message(mcp::Message said) override {
    std::lock_guard lock(mutex_);
    heard_.push_back(said.text());
    changed_.notify_all();
  }

  const mcp::Message request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
  Result<void> result_;
  bool over_ = false;
  std::thread thread_;
};

/// A translator between a host that is the test and a legacy server.
struct ModernHostRig {
  explicit ModernHostRig(bridge::ModernHostSettings the_settings = quick())
      : settings(with_clock(the_settings)) {}

  static bridge::ModernHostSettings quick() {
    bridge::ModernHostSettings settings;
    settings.gather_time = std::chrono::milliseconds(1);
    return settings;
  }
  bridge::ModernHostSettings with_clock(bridge::ModernHostSettings the_settings) {
    the_settings.clock = &clock;
    return the_settings;
  }

  /// Made when first wanted: what the server does must have been said by then.
  bridge::ModernHostTranslator& translator() {
    if (!translator_)
      translator_ = std::make_unique<bridge::ModernHostTranslator>(server.sessions(), settings);
    return *translator_;
  }
  std::unique_ptr<Sending> begin(mcp::Message request) {
    return std::make_unique<Sending>(translator(), std::move(request));
  }
  /// The response to it.
  mcp::Message send(mcp::Message request) { return begin(std::move(request))->response(); }
  Result<void> notify(const std::string& method, const std::string& params) {
    Collected nobody;
    return translator().send(notification(method, params), nobody, {});
  }
  void end() { translator_.reset(); }

  ManualClock clock;
  const bridge::ModernHostSettings settings;
  LegacyServer server;

 private:
  std::unique_ptr<bridge::ModernHostTranslator> translator_;
};

inline std::string member_text(std::string_view object, std::string_view name) {
  return std::string(mcp::json::member(object, name).value_or(""));
}
inline bool asks_for_input(const mcp::Message& response) {
  return member_text(response.result(), "resultType") == "\"input_required\"";
}
/// The members that a retry adds to its params.
inline std::string retry_of(const mcp::Message& response, const std::string& responses) {
  return "\"inputResponses\":" + responses +
         ",\"requestState\":" + member_text(response.result(), "requestState");
}

}  // namespace clickflow::testing
