#include "clickflow/bridge/reception.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/deadline.h"
#include "clickflow/bridge/promise.h"
#include "clickflow/bridge/sign_in_offer.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "watching.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using mcp::Era;

// For the end of what is done behind, where no process can end instead. All of it can be cancelled.
constexpr auto end_limit = std::chrono::seconds(60);

// A request that the host knows nothing of.
mcp::Message own_request(std::string_view name, std::string_view method) {
  return mcp::Message::of(mcp::make_request("\"clickflow-mcp/" + std::string(name) + '"', method));
}

// What comes while nobody has asked for it.
class Unasked : public remote::Receiver {
 public:
  explicit Unasked(Audience& audience) : audience_(audience) {}
  void on_message(mcp::Message message) override { audience_.pass(message); }

 private:
  Audience& audience_;
};

bool is_revision(std::string_view text) {
  return text.size() == std::string_view("2025-11-25").size() &&
         text.find_first_not_of("0123456789-") == std::string_view::npos;
}

}  // namespace

Reception::Reception(remote::Remote& remote, KnownServer& known, Settings settings)
    : remote_(remote),
      known_(known),
      settings_(std::move(settings)),
      unasked_(std::make_unique<Unasked>(audience_)),
      handshake_(remote_, *unasked_,
                 [this](const mcp::Message& initialize, std::string_view result) {
                   on_handshake(initialize, result);
                 }),
      survey_(remote_, known_, shown_, *unasked_, {.server_era = settings_.server_era}),
      told_edition_(known_.edition()),
      lane_(1) {}

Reception::~Reception() {
  ending_.cancel();
  (void)lane_.finish(std::chrono::steady_clock::now() + end_limit);
}

void Reception::close(std::chrono::milliseconds limit) {
  ending_.cancel();
  remote_.close(limit);
}

bool Reception::finish(std::chrono::steady_clock::time_point deadline) {
  ending_.cancel();
  {
    // What has not begun is dropped, and with it what has been learnt and is not kept yet.
    std::unique_lock lock(mutex_);
    news_changed_.wait_until(lock, deadline, [this] { return !is_planned_ || is_keeping_up_; });
  }
  return lane_.finish(deadline);
}

Result<void> Reception::send(const mcp::Message& message, remote::Receiver& receiver,
                             const auth::Occasion& occasion) {
  if (!message.is_request()) return send_other(message, receiver, occasion);
  const auto& method = message.method();
  if (method == "initialize") return greet(message, receiver);
  if (method == "server/discover") return describe(message, receiver);
  const bool modern = mcp::era_of(message) == Era::modern;
  if (modern) {
    std::lock_guard lock(mutex_);
    manner_ = mcp::in_manner_of(message, own_request("manner", "ping"));  // which is never sent
  }
  if (method == "subscriptions/listen") return subscribe(message, receiver, occasion);
  if (const auto list = mcp::list_of_method(method)) return give_list(*list, message, receiver, occasion);
  if (!modern) {
    if (auto made = make_handshake(occasion); !made) return made;
  }
  if (settings_.can_sign_in && asks_to_sign_in(message)) return sign_in(message, receiver, occasion);
  return carry(message, receiver, occasion);
}

Result<void> Reception::greet(const mcp::Message& initialize, remote::Receiver& receiver) {
  handshake_.owe(initialize);
  const auto known = known_.description(Era::legacy);
  const auto server = promise(known);
  const auto wanted = revision_to_greet(initialize.param("protocolVersion"));
  auto revision = settings_.revision.empty() ? known_.revision_for(wanted) : settings_.revision;
  if (revision.empty()) revision = wanted;
  receiver.on_message(mcp::Message::of(
      mcp::make_result(initialize.id(), server.initialize_result(revision, known && known->translated))));
  return {};
}

Result<void> Reception::describe(const mcp::Message& discover, remote::Receiver& receiver) {
  const auto known = known_.description(Era::modern);
  const auto server = promise(known);
  const long long ttl_ms = known && known->heard ? known->rest_ms : 0;
  receiver.on_message(mcp::Message::of(
      mcp::make_result(discover.id(), server.discover_result(ttl_ms, known && known->translated))));
  return {};
}

Result<void> Reception::send_other(const mcp::Message& message, remote::Receiver& receiver,
                                   const auth::Occasion& occasion) {
  if (message.method() == "notifications/initialized" && handshake_.keep(message)) {
    plan(Item::handshake);
    return {};
  }
  if (handshake_.owed()) {
    // About a request that the server has not got, or the answer to one of a session that is over.
    if (message.method() == "notifications/cancelled" || message.is_response()) return {};
    const Deadline deadline(settings_.list_limit, occasion.cancellation);
    if (const auto made = make_handshake({deadline.cancellation(), false}); !made) {
      log::debug("{} is not sent: {}", message.method(), made.error().what);
      return {};
    }
  }
  return remote_.send(message, receiver, occasion);
}

// A server that lets anybody greet it asks who one is at the list of its tools.
Result<void> Reception::sign_in(const mcp::Message& call, remote::Receiver& receiver,
                                const auth::Occasion& occasion) {
  remote::Answer list;
  const auto own = mcp::in_manner_of(call, own_request("signed-in", "tools/list"));
  if (auto sent = remote_.send(own, list, occasion); !sent) return sent;
  heard(call);
  receiver.on_message(mcp::Message::of(mcp::make_result(call.id(), signed_in_result)));
  return {};
}

Result<void> Reception::carry(const mcp::Message& request, remote::Receiver& receiver,
                              const auth::Occasion& occasion) {
  const auto instead = stand_in(request);
  Answering answering(receiver, [&](mcp::Message& answer) {
    if (instead && denies_method(answer)) answer = *instead;
    heard(request);
  });
  Watching watching(known_, answering);
  return remote_.send(request, watching, occasion);
}

void Reception::listen(remote::Receiver& receiver, const Cancellation& cancellation) {
  Audience::Member member(audience_, receiver);
  member.begin();
  Watching watching(known_, receiver);
  unsigned seen = 0;
  while (const auto settled = handshake_.wait_until_made(seen, cancellation)) {
    seen = *settled;
    remote_.listen(watching, cancellation);
  }
}

// What the host is told of the server; from now on that is kept.
mcp::ServerDescription Reception::promise(const std::optional<KnownServer::Description>& known) {
  auto server = known ? known->server : unknown_server();
  server.capabilities = with_list_changes(server.capabilities);
  std::lock_guard lock(mutex_);
  promised_ = server.capabilities;
  knew_nothing_ = !known;
  return server;
}

// In place of the answer of a server that has not got what the host was told of.
std::optional<mcp::Message> Reception::stand_in(const mcp::Message& request) {
  auto instead = stand_in_for(request);
  if (!instead) return {};
  std::string promised;
  {
    std::lock_guard lock(mutex_);
    promised = promised_;
  }
  if (promised.empty()) {
    // A modern host may have been told by another process, or have asked nobody.
    if (mcp::era_of(request) == Era::legacy) return {};
    promised = promise(known_.description(Era::modern)).capabilities;
  }
  return are_enough_for(promised, request.method()) ? std::move(instead) : std::nullopt;
}

Result<void> Reception::make_handshake(const auth::Occasion& occasion) {
  if (!handshake_.owed()) return {};
  auto made = handshake_.make(occasion);
  if (made) plan_survey();
  return made;
}

void Reception::on_handshake(const mcp::Message& initialize, std::string_view result) {
  const auto edition = known_.edition();
  {
    std::lock_guard lock(mutex_);
    greeting_ = Greeting{initialize, std::string(result), edition};
  }
  known_.learn(Era::legacy, settings_.server_era().value_or(Era::legacy), result, edition);
  const auto asked = initialize.param("protocolVersion");
  const auto revision = json::member(result, "protocolVersion").value_or("");
  if (!json::is_string(asked) || !json::is_string(revision)) return;
  const auto wanted = json::decode(asked);
  const auto answered = json::decode(revision);
  if (wanted == revision_to_greet(asked) && is_revision(answered))
    known_.learn_revision(wanted, answered, edition);
}

void Reception::heard(const mcp::Message& request) {
  const bool modern = mcp::era_of(request) == Era::modern;
  if (modern) heard_modern_ = true;
  note_sign_in();
  const auto edition = known_.edition();
  bool is_due = false;
  {
    std::lock_guard lock(mutex_);
    ++news_;
    news_changed_.notify_all();
    is_due = surveyed_ != edition && (modern || !promised_.empty());
  }
  if (is_due) plan_survey();
}

// Once for each sign-in, whichever request or comparison finds it.
void Reception::note_sign_in() {
  const auto edition = known_.edition();
  {
    std::lock_guard lock(mutex_);
    if (edition <= told_edition_) return;
    told_edition_ = edition;
    offered_ = false;
  }
  tell_tools_changed();
}

// Who has signed in may use other tools than who has not.
void Reception::tell_tools_changed() {
  if (shown_.is_outdated(mcp::List::tools)) audience_.tell(mcp::names_of(mcp::List::tools).change.method);
}

void Reception::set_offered(bool offered) {
  {
    std::lock_guard lock(mutex_);
    offered_ = offered;
  }
  if (offered) plan(Item::look, settings_.look_again);
}

}  // namespace clickflow::bridge
