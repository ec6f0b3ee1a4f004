#include "clickflow/bridge/greeter.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/mcp/server_description.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

constexpr int look_again_ms = 2000;
// How often an unreachable server is tried while nobody asks for anything.
constexpr int tries_between_looks = 15;

// What later succeeds without the host's doing. Everything else is the host's to know at once.
bool may_pass(const Error& error, bool can_sign_in) {
  switch (error.code) {
    case ErrorCode::unauthenticated:
      return can_sign_in;
    case ErrorCode::unreachable:
    case ErrorCode::timed_out:
    case ErrorCode::lost:
    case ErrorCode::keychain_locked:
    case ErrorCode::keychain_absent:
    case ErrorCode::keychain_no_bus:
    case ErrorCode::keychain_refused:
      return true;
    default:
      return false;
  }
}

// What this program is, whatever the server may turn out to be.
mcp::ServerDescription ourselves() {
  mcp::ServerDescription description;
  description.capabilities = R"({"tools":{"listChanged":true}})";
  description.info = R"({"name":"clickflow-mcp","title":"ClickFlow","version":")" CLICKFLOW_VERSION R"("})";
  description.instructions =
      R"("ClickFlow's tools appear here when the person is signed in and ClickFlow can be reached.")";
  return description;
}

std::string greeting(const mcp::Message& request) {
  if (mcp::era_of(request) == mcp::Era::modern) return ourselves().discover_result(0, false);
  const auto wanted = request.param("protocolVersion");
  const std::string revision = json::is_string(wanted) ? json::decode(wanted) : "";
  const bool known = mcp::era_of_revision(revision) == mcp::Era::legacy;
  return ourselves().initialize_result(known ? revision : mcp::newest_legacy_revision, false);
}

// Of a list that was asked for, the parts that we can answer for: that it changes.
std::string list_changes_of(std::string_view filter) {
  std::string lists = "{}";
  for (const auto& change : mcp::list_changes)
    if (json::member(filter, change.entry) == "true") lists = json::with_member(lists, change.entry, "true");
  return lists;
}

constexpr std::string_view sign_in_list =
    R"({"tools":[{"name":"clickflow_sign_in","title":"Sign in to ClickFlow","description":"Opens the person's browser to sign in to ClickFlow. Call it when they want to use ClickFlow; its tools appear afterwards.","inputSchema":{"type":"object","properties":{},"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":true}}]})";

constexpr std::string_view signed_in_result =
    R"({"content":[{"type":"text","text":"Signed in to ClickFlow. Its tools are available now."}]})";

constexpr std::string_view tools_changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

// Of a request that the host knows nothing of; it need be unlike the host's only.
constexpr std::string_view own_list =
    R"({"jsonrpc":"2.0","id":"clickflow-mcp/signed-in","method":"tools/list"})";

std::string tools_answer(const mcp::Message& request) {
  auto result = std::string(sign_in_list);
  if (mcp::era_of(request) == mcp::Era::modern)
    result = json::with_member(json::with_member(result, "ttlMs", "0"), "cacheScope", "\"private\"");
  return mcp::make_result(request.id(), result);
}

// For what the host shall not see.
struct Quiet : remote::Receiver {
  void on_message(mcp::Message message) override {
    if (message.is_response() && !message.error().empty()) problem = std::string(message.error());
  }
  std::string problem;
};

bool asks_to_sign_in(const mcp::Message& message) {
  return message.method() == "tools/call" && json::says(message.param("name"), sign_in_tool);
}

}  // namespace

Result<void> Greeter::send(const mcp::Message& message, remote::Receiver& receiver,
                           const auth::Occasion& occasion) {
  const bool modern = mcp::era_of(message) == mcp::Era::modern;
  if (message.method() == "initialize" || message.method() == "server/discover")
    return greet(message, receiver, occasion);
  if (message.method() == "subscriptions/listen") return subscribe(message, receiver, occasion);
  const bool was_owed = !modern && owes();
  if (message.method() == "notifications/initialized") {
    std::lock_guard lock(mutex_);
    initialized_ = message;
    if (owed_) return {};
  }
  if (was_owed) {
    if (message.is_response()) return {};  // to a request of the server's that never was
    if (auto made_up = make_up(occasion); !made_up) {
      if (!message.is_request()) return {};
      return answer_signed_out(message, receiver, occasion, made_up.error());
    }
  }
  if (settings_.can_sign_in && asks_to_sign_in(message)) return sign_in(message, receiver, occasion);
  const auto sent = remote_.send(message, receiver, occasion);
  if (message.method() != "tools/list") return sent;
  if (!sent) return answer_signed_out(message, receiver, occasion, sent.error());
  set_offered(false);
  return sent;
}

// A server that lets anybody greet it asks who one is at the list of its tools.
Result<void> Greeter::sign_in(const mcp::Message& call, remote::Receiver& receiver,
                              const auth::Occasion& occasion) {
  Quiet quiet;
  const auto list = mcp::in_manner_of(call, *mcp::Message::parse(std::string(own_list)));
  if (auto sent = remote_.send(list, quiet, occasion); !sent) return sent;
  receiver.on_message(*mcp::Message::parse(mcp::make_result(call.id(), signed_in_result)));
  return {};
}

Result<void> Greeter::greet(const mcp::Message& initialize, remote::Receiver& receiver,
                            const auth::Occasion& occasion) {
  const auto sent = remote_.send(initialize, receiver, occasion);
  if (sent || !may_pass(sent.error(), settings_.can_sign_in)) return sent;
  log::info("greeting the assistant from here: {}", sent.error().what);
  if (initialize.method() == "initialize") {
    std::lock_guard lock(mutex_);
    owed_ = true;
    initialize_ = initialize;
  }
  receiver.on_message(*mcp::Message::parse(mcp::make_result(initialize.id(), greeting(initialize))));
  return {};
}

Result<void> Greeter::answer_signed_out(const mcp::Message& request, remote::Receiver& receiver,
                                        const auth::Occasion& occasion, const Error& why) {
  // A list that is wanted for somebody's call is no answer to a host: the call hears why it failed.
  const bool signed_out =
      settings_.can_sign_in && why.code == ErrorCode::unauthenticated && !occasion.interactive;
  if (!signed_out || request.method() != "tools/list") return tl::make_unexpected(why);
  set_offered(true);
  receiver.on_message(*mcp::Message::parse(tools_answer(request)));
  return {};
}

// A subscription begins before the server can be reached, and is taken up with it as soon as it can.
Result<void> Greeter::subscribe(const mcp::Message& request, remote::Receiver& receiver,
                                const auth::Occasion& occasion) {
  struct Agreed : remote::Receiver {
    explicit Agreed(remote::Receiver& the_host) : host(the_host) {}
    void on_message(mcp::Message message) override {
      const bool repeats = message.method() == "notifications/subscriptions/acknowledged" && already;
      if (repeats && on_open) on_open();
      if (!repeats) host.on_message(std::move(message));
    }
    remote::Receiver& host;
    bool already = false;
    std::function<void()> on_open;
  } agreed(receiver);

  auto tell = [&](std::string_view method, std::string_view params) {
    receiver.on_message(
        mcp::with_meta(*mcp::Message::parse(R"({"jsonrpc":"2.0","method":")" + std::string(method) +
                                            R"(","params":)" + std::string(params) + "}"),
                       mcp::meta::subscription_id, request.id()));
  };
  const std::string lists = list_changes_of(request.param("notifications"));
  agreed.on_open = [&] {
    if (json::member(lists, "toolsListChanged")) tell("notifications/tools/list_changed", "{}");
  };
  for (;;) {
    const auto sent = remote_.send(request, agreed, occasion);
    if (sent || !may_pass(sent.error(), settings_.can_sign_in)) return sent;
    if (!std::exchange(agreed.already, true))
      tell("notifications/subscriptions/acknowledged", R"({"notifications":)" + lists + "}");
    for (int looks = 1; looks % tries_between_looks != 0; ++looks) {
      if (!occasion.cancellation.sleep(look_again_ms))
        return fail(ErrorCode::cancelled, "The subscription was cancelled.", "");
      if (settings_.signed_in && settings_.signed_in()) break;
    }
  }
}

bool Greeter::owes() const {
  std::lock_guard lock(mutex_);
  return owed_;
}

// Several may want it at once; one does it. Each call has a limit of its own, in the remote.
Result<void> Greeter::make_up(const auth::Occasion& occasion) {
  std::lock_guard one(making_up_);
  std::optional<mcp::Message> initialize, initialized;
  {
    std::lock_guard lock(mutex_);
    if (!owed_) return {};
    initialize = initialize_;
    initialized = initialized_;
  }
  Quiet quiet;
  if (auto sent = remote_.send(*initialize, quiet, occasion); !sent) return sent;
  if (!quiet.problem.empty()) {
    const auto words = json::member(quiet.problem, "message").value_or("\"\"");
    return fail(ErrorCode::rejected,
                "ClickFlow does not take part: " + log::redact(json::decode(words)) + ".",
                "Restart the assistant.");
  }
  if (initialized) {
    if (auto sent = remote_.send(*initialized, quiet, occasion); !sent) return sent;
  }
  log::info("the handshake with the server has been made up for");
  std::lock_guard lock(mutex_);
  owed_ = false;
  return {};
}

void Greeter::listen(remote::Receiver& receiver, const Cancellation& cancellation) {
  if (owes()) {
    const auth::Occasion occasion{cancellation, false};
    for (int looks = 1; owes(); ++looks) {
      if (!cancellation.sleep(look_again_ms)) return;
      const bool worth_trying =
          (settings_.signed_in && settings_.signed_in()) || looks % tries_between_looks == 0;
      if (worth_trying && owes()) {
        if (const auto made_up = make_up(occasion); !made_up) log::debug("still: {}", made_up.error().what);
      }
    }
    set_offered(false);
    receiver.on_message(*mcp::Message::parse(std::string(tools_changed)));
  }
  std::thread watch;
  if (settings_.can_sign_in) watch = std::thread([&] { tell_of_sign_in(receiver, cancellation); });
  remote_.listen(receiver, cancellation);
  if (watch.joinable()) watch.join();
}

// The person may sign in without the assistant, in a terminal or through another assistant.
void Greeter::tell_of_sign_in(remote::Receiver& receiver, const Cancellation& cancellation) {
  const Cancellation::Callback wake(cancellation, [this] {
    std::lock_guard lock(mutex_);
    offered_changed_.notify_all();
  });
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      offered_changed_.wait(lock, [&] { return offered_ || cancellation.cancelled(); });
    }
    if (!cancellation.sleep(look_again_ms)) return;
    std::unique_lock lock(mutex_);
    if (!offered_) continue;
    lock.unlock();
    if (!settings_.signed_in || !settings_.signed_in()) continue;
    set_offered(false);
    receiver.on_message(*mcp::Message::parse(std::string(tools_changed)));
  }
}

void Greeter::set_offered(bool offered) {
  std::lock_guard lock(mutex_);
  offered_ = offered;
  offered_changed_.notify_all();
}

}  // namespace clickflow::bridge
