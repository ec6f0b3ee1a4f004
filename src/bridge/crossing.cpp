#include "clickflow/bridge/crossing.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/modern_host_translator.h"
#include "clickflow/mcp/json.h"
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

// Holds back an answer that says that the server is of another era than we thought.
struct Check : remote::Receiver {
  explicit Check(remote::Receiver& the_next) : next(the_next) {}
  void on_message(mcp::Message message) override {
    if (message.is_response() && denies_era(message)) {
      denial = std::move(message);
    } else {
      next.on_message(std::move(message));
    }
  }
  remote::Receiver& next;
  std::function<bool(const mcp::Message&)> denies_era;
  std::optional<mcp::Message> denial;
};

}  // namespace

Crossing::Crossing(Settings settings)
    : settings_(std::move(settings)),
      for_legacy_host_(settings_.modern),
      for_modern_host_(std::make_unique<ModernHostTranslator>(settings_.make_session,
                                                              modern_host_settings(settings_.revision))),
      era_(mcp::era_of_revision(settings_.revision)) {}

Crossing::~Crossing() = default;

Result<void> Crossing::send(const mcp::Message& message, remote::Receiver& receiver,
                            const auth::Occasion& occasion) {
  if (message.is_request()) return send_request(message, receiver, occasion);
  // Modern hosts have nothing to say but requests, and their cancellations end these by themselves.
  const auto era = known_era();
  if (!era) {
    log::debug("nothing has been agreed on with the server yet; a message for it is dropped");
    return {};
  }
  return way(Era::legacy, *era).send(message, receiver, occasion);
}

Result<void> Crossing::send_request(const mcp::Message& request, remote::Receiver& receiver,
                                    const auth::Occasion& occasion) {
  const Era host = mcp::era_of(request);
  if (is_assumed(host, request)) {
    if (auto sent = send_as_assumed(request, receiver, occasion)) return *std::move(sent);
  }
  const bool opens = request.method() == "initialize";
  for (bool tried_anew = false;; tried_anew = true) {
    const auto server = remote_era(request, occasion);
    if (!server) return tl::make_unexpected(server.error());
    Check check(receiver);
    check.denies_era = [&](const mcp::Message& answer) {
      if (tried_anew) return false;
      if (*server == Era::modern) return mcp::is_error(answer.error(), mcp::unsupported_revision);
      return opens && remote::says_modern_only(answer);
    };
    const bool passes = host == Era::legacy && *server == Era::legacy;
    auto sent =
        way(host, *server).send(opens && passes ? in_fixed_revision(request) : request, check, occasion);
    if (check.denial && !settings_.revision.empty())
      return tl::make_unexpected(other_revision(settings_.revision));
    if (check.denial) {
      log::info("the server speaks another revision than it did; asking it anew");
      learn(*server == Era::legacy ? std::optional(Era::modern) : std::nullopt);
      continue;
    }
    // A server of the other era answers so, unless it is asked in a session; the next request finds out.
    if (!sent && settings_.revision.empty() && !passes &&
        (sent.error().code == ErrorCode::rejected || sent.error().code == ErrorCode::protocol))
      learn(std::nullopt);
    return sent;
  }
}

void Crossing::assume(Era era) {
  std::lock_guard lock(mutex_);
  if (!era_) assumed_ = era;
}

bool Crossing::is_assumed(Era era, const mcp::Message& request) const {
  if (request.method() != "initialize" && !remote::may_repeat(request.method())) return false;
  std::lock_guard lock(mutex_);
  return !era_ && assumed_ == era;
}

// Nothing where the server has turned out to speak otherwise, and the request is still to be carried.
std::optional<Result<void>> Crossing::send_as_assumed(const mcp::Message& request, remote::Receiver& receiver,
                                                      const auth::Occasion& occasion) {
  const Era host = mcp::era_of(request);
  Check check(receiver);
  check.denies_era = [&](const mcp::Message& answer) {
    // Every result of a modern server says of which type it is.
    return answer.result().empty() || (host == Era::modern && !json::member(answer.result(), "resultType"));
  };
  auto sent = way(host, host).send(request, check, occasion);
  if (sent && !check.denial) {
    learn(host);
    return sent;
  }
  if (!sent && sent.error().code != ErrorCode::rejected && sent.error().code != ErrorCode::protocol)
    return sent;
  {
    std::lock_guard lock(mutex_);
    assumed_.reset();
  }
  const auto server = remote_era(request, occasion);
  if (server && *server != host) return {};
  if (check.denial) receiver.on_message(*std::move(check.denial));
  return sent;
}

Result<Era> Crossing::remote_era(const mcp::Message& request, const auth::Occasion& occasion) {
  if (const auto era = known_era()) return *era;
  std::lock_guard one(probing_);
  if (const auto era = known_era()) return *era;
  auto found = settings_.probe(meta_of_host(request), occasion);
  if (!found) return tl::make_unexpected(found.error());
  log::info("the server speaks {}", found->revision.empty() ? "a revision with sessions" : found->revision);
  if (!found->discovery.empty()) for_legacy_host_.discovered(std::move(found->discovery));
  learn(found->era);
  return found->era;
}

std::optional<Era> Crossing::known_era() const {
  std::lock_guard lock(mutex_);
  return era_;
}

void Crossing::learn(std::optional<Era> era) {
  std::lock_guard lock(mutex_);
  era_ = era;
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
  const auto era = known_era();
  if (era) way(Era::legacy, *era).listen(receiver, cancellation);
}

void Crossing::close(std::chrono::milliseconds limit) {
  settings_.legacy.close(limit);
  for_modern_host_->close(limit);
}

}  // namespace clickflow::bridge
