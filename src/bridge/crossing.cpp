#include "clickflow/bridge/crossing.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/modern_host_translator.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/methods.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

using mcp::Era;
namespace json = mcp::json;

// What the host's request says of it, for a question that comes before the request itself.
std::string meta_of_host(const mcp::Message& request) {
  if (mcp::era_of(request) == Era::modern) return std::string(mcp::meta_of(request.params()));
  return LegacyHostTranslator::meta_for(request.params());
}

Error other_revision(const std::string& revision) {
  return {ErrorCode::rejected, "The server does not speak revision " + revision + " of MCP.",
          "Leave out --protocol (CLICKFLOW_PROTOCOL): then the server is asked what it speaks."};
}

ModernHostSettings modern_host_settings(const std::string& revision) {
  ModernHostSettings settings;
  if (mcp::era_of_revision(revision) == Era::legacy) settings.revision = revision;
  return settings;
}

// What an answer says against the era that the server was taken to be of.
enum class Denial { none, doubtful, certain };

// What the SDKs' legacy servers say where a session is missing; a modern one may say it for reasons of its
// own.
bool may_be_of_legacy_server(const mcp::Message& answer) {
  const auto code = json::member(answer.error(), "code");
  return code == "-32000" || code == "-32001" || code == "-32600";
}

// `proven`: the server has spoken so in this process.
Denial denial_in(const mcp::Message& answer, const mcp::Message& request, Era server, bool proven) {
  const auto error = answer.error();
  const bool opens = request.method() == "initialize";
  if (mcp::is_error(error, mcp::unsupported_revision)) return Denial::certain;
  if (server == Era::legacy && mcp::is_error(error, mcp::header_mismatch)) return Denial::certain;
  if (server == Era::legacy && opens && remote::says_modern_only(answer)) return Denial::certain;
  if (server == Era::modern && may_be_of_legacy_server(answer)) return Denial::doubtful;
  if (proven || !mcp::is_harmless(request.method())) return Denial::none;
  // Every result of a modern server says of which type it is.
  const bool passes = server == Era::modern && mcp::era_of(request) == Era::modern;
  const bool odd = !error.empty() || (passes && !json::member(answer.result(), "resultType"));
  return odd ? Denial::doubtful : Denial::none;
}

bool says_nothing_known(const Error& error) {
  return error.code == ErrorCode::rejected || error.code == ErrorCode::protocol;
}

// Holds back an answer that speaks against the era that the server was taken to be of.
struct Check : remote::Receiver {
  explicit Check(remote::Receiver& the_next) : next(the_next) {}
  void on_message(mcp::Message message) override {
    if (message.is_response() && judge) denial = judge(message);
    if (message.is_response() && denial != Denial::none) {
      answer = std::move(message);
    } else {
      if (!message.result().empty()) {
        succeeded = true;
        on_success();  // the host may go on as soon as it has the answer
      }
      next.on_message(std::move(message));
    }
  }
  remote::Receiver& next;
  std::function<Denial(const mcp::Message&)> judge;
  std::function<void()> on_success;
  Denial denial = Denial::none;
  std::optional<mcp::Message> answer;
  bool succeeded = false;
};

}  // namespace

Crossing::Crossing(Settings settings)
    : settings_(std::move(settings)),
      for_legacy_host_(settings_.modern),
      for_modern_host_(std::make_unique<ModernHostTranslator>(settings_.make_session,
                                                              modern_host_settings(settings_.revision))),
      introduction_([this](Era server) -> remote::Remote& { return way(Era::legacy, server); }),
      server_(mcp::era_of_revision(settings_.revision)) {}

Crossing::~Crossing() = default;

Result<void> Crossing::send(const mcp::Message& message, remote::Receiver& receiver,
                            const auth::Occasion& occasion) {
  if (message.is_request()) return send_request(message, receiver, occasion);
  // Modern hosts have nothing to say but requests, and their cancellations end these by themselves.
  const auto era = server_.last();
  if (!era) {
    log::debug("nothing has been agreed on with the server yet; a message for it is dropped");
    return {};
  }
  auto sent = way(Era::legacy, *era).send(message, receiver, occasion);
  if (sent) introduction_.note(message, *era);
  return sent;
}

Result<void> Crossing::send_request(const mcp::Message& request, remote::Receiver& receiver,
                                    const auth::Occasion& occasion) {
  const Era host = mcp::era_of(request);
  const bool opens = request.method() == "initialize";
  if (opens && settings_.last_switch) settings_.last_switch->forget();
  for (bool tried_anew = false;; tried_anew = true) {
    const auto found = find_out(request, occasion);
    if (!found) return tl::make_unexpected(found.error());
    const Era server = *found->era;
    if (host == Era::legacy && !opens) {
      if (auto introduced = introduction_.repeat(server, occasion); !introduced) return introduced;
    }
    if (request.method() == "server/discover") {
      if (const auto discovery = server_.take_discovery(); !discovery.empty()) {
        receiver.on_message(mcp::Message::of(mcp::make_result(request.id(), discovery)));
        return {};
      }
    }
    Check check(receiver);
    check.on_success = [&] { server_.prove(server); };
    if (!tried_anew) {
      check.judge = [&](const mcp::Message& answer) {
        return denial_in(answer, request, server, found->proven);
      };
    }
    const bool passes = host == Era::legacy && server == Era::legacy;
    const bool subscribes = host == Era::modern && request.method() == "subscriptions/listen";
    auto sent =
        subscribes
            ? subscribe(server, request, check, occasion)
            : way(host, server).send(opens && passes ? in_fixed_revision(request) : request, check, occasion);
    if (subscribes && !sent && sent.error().code == ErrorCode::cancelled &&
        !occasion.cancellation.cancelled())
      continue;
    if (check.denial == Denial::certain) {
      if (!settings_.revision.empty()) return tl::make_unexpected(other_revision(settings_.revision));
      log::info("the server speaks another revision than it did");
      learn(server == Era::legacy ? std::optional(Era::modern) : std::nullopt);
      continue;
    }
    if (check.denial == Denial::doubtful) {
      if (!speaks_otherwise(server, request, occasion)) {
        receiver.on_message(*std::move(check.answer));
        return sent;
      }
      if (mcp::is_harmless(request.method())) continue;
      return fail(ErrorCode::rejected,
                  "The server has refused the request: it speaks another revision of MCP than it did.",
                  "Try again.");
    }
    if (check.succeeded && host == Era::legacy) introduction_.note(request, server);
    // A server of the other era answers so, unless it is asked in a session.
    if (!sent && settings_.revision.empty() && (!passes || !found->proven) &&
        says_nothing_known(sent.error())) {
      if (!tried_anew && mcp::is_harmless(request.method()) && speaks_otherwise(server, request, occasion))
        continue;
      if (tried_anew || !mcp::is_harmless(request.method())) learn(std::nullopt);
    }
    return sent;
  }
}

// Asks it; a request that failed on its way has shown nothing.
bool Crossing::speaks_otherwise(Era before, const mcp::Message& request, const auth::Occasion& occasion) {
  if (!settings_.revision.empty()) return false;
  server_.doubt(before);
  const auto now = find_out(request, occasion);
  return now && *now->era != before;
}

void Crossing::assume(Era era) {
  server_.assume(era);
}

std::optional<Era> Crossing::server_era() const {
  return server_.belief().if_proven();
}

// What a person is waited for holds up nobody else.
Result<ServerEra::Belief> Crossing::find_out(const mcp::Message& request, const auth::Occasion& occasion) {
  ServerEra::Belief belief;
  const auto unknown = [&] {
    belief = server_.belief();
    // On what is merely believed nothing is sent that must not run twice.
    return !(mcp::is_harmless(request.method()) ? belief.era : belief.if_proven());
  };
  auto& probing = occasion.interactive ? interactive_probing_ : probing_;
  const auto done = probing.run(occasion, unknown, [&] { return probe(request, occasion); });
  if (!done) return tl::make_unexpected(done.error());
  return belief;
}

Result<void> Crossing::probe(const mcp::Message& request, const auth::Occasion& occasion) {
  auto found = settings_.probe(meta_of_host(request), occasion);
  if (!found) return tl::make_unexpected(found.error());
  log::info("the server speaks {}", found->revision.empty() ? "a revision with sessions" : found->revision);
  learn(found->era);
  if (mcp::era_of(request) == Era::modern) {
    server_.keep_discovery(std::move(found->discovery));
  } else if (!found->discovery.empty()) {
    for_legacy_host_.discovered(std::move(found->discovery));
  }
  return {};
}

void Crossing::learn(std::optional<Era> era) {
  if (server_.learn(era) && settings_.last_switch) settings_.last_switch->renew();
}

// A subscription outlives the server's restart, and would wait for ever for one that speaks otherwise.
Result<void> Crossing::subscribe(Era server, const mcp::Message& request, remote::Receiver& receiver,
                                 const auth::Occasion& occasion) {
  auto within = occasion;
  within.cancellation = Cancellation();
  const auto end = [&] { within.cancellation.cancel(); };
  const Cancellation::Callback by_host(occasion.cancellation, end),
      by_server(server_.until_other_than(server), end);
  return way(Era::modern, server).send(request, receiver, within);
}

remote::Remote& Crossing::way(Era host, Era server) {
  if (host == server) return host == Era::legacy ? settings_.legacy : settings_.modern;
  return host == Era::legacy ? static_cast<remote::Remote&>(for_legacy_host_) : *for_modern_host_;
}

mcp::Message Crossing::in_fixed_revision(const mcp::Message& initialize) const {
  const auto wanted = initialize.param("protocolVersion");
  if (settings_.revision.empty() || wanted.empty()) return initialize;
  return initialize.with(wanted, json::encode(settings_.revision));
}

void Crossing::listen(remote::Receiver& receiver, const Cancellation& cancellation) {
  unsigned seen = 0;
  while (const auto made = introduction_.wait(seen, cancellation)) {
    seen = made->number;
    const Cancellation::Callback on_end(cancellation, [&] { made->over.cancel(); });
    way(Era::legacy, made->server).listen(receiver, made->over);
  }
}

void Crossing::close(std::chrono::milliseconds limit) {
  settings_.legacy.close(limit);
  for_modern_host_->close(limit);
}

}  // namespace clickflow::bridge
