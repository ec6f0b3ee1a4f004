#include "clickflow/bridge/handshake.h"

#include <string>
#include <utility>

#include "clickflow/base/log.h"

namespace clickflow::bridge {

void Handshake::owe(const mcp::Message& initialize) {
  std::lock_guard lock(mutex_);
  initialize_ = initialize;
  initialized_.reset();
  owed_ = true;
  ++debts_;
  changed_.notify_all();
}

bool Handshake::keep(const mcp::Message& initialized) {
  std::lock_guard lock(mutex_);
  initialized_ = initialized;
  return owed_;
}

bool Handshake::owed() const {
  std::lock_guard lock(mutex_);
  return owed_;
}

Result<void> Handshake::make(const auth::Occasion& occasion) {
  return making_.run(
      occasion, [this] { return owed(); }, [&] { return perform(occasion); });
}

// Each message has a limit of its own, in the remote.
Result<void> Handshake::perform(const auth::Occasion& occasion) {
  struct Answer : remote::Receiver {
    explicit Answer(remote::Receiver& the_other) : other(the_other) {}
    void on_message(mcp::Message message) override {
      if (message.is_response()) {
        response = std::move(message);
      } else if (!message.is_request()) {
        other.on_message(std::move(message));
      }
    }
    remote::Receiver& other;
    std::optional<mcp::Message> response;
  };

  std::optional<mcp::Message> initialize;
  unsigned debt = 0;
  {
    std::lock_guard lock(mutex_);
    initialize = initialize_;
    debt = debts_;
  }
  Answer answer(other_);
  if (auto sent = remote_.send(*initialize, answer, occasion); !sent) return sent;
  if (!answer.response || answer.response->result().empty()) {
    const auto words = answer.response ? mcp::words_of(answer.response->error()) : "it gave no answer";
    return fail(ErrorCode::rejected, "ClickFlow does not take part: " + log::redact(words) + ".",
                "Try again later; if that does not help, tell whoever runs the server.");
  }
  on_made_(*initialize, answer.response->result());
  bool sent_initialized = false;
  for (;;) {
    std::optional<mcp::Message> initialized;
    {
      std::lock_guard lock(mutex_);
      if (debt != debts_) return {};  // the host has begun anew
      if (sent_initialized || !initialized_) {
        owed_ = false;
        ++settled_;
        changed_.notify_all();
        break;
      }
      initialized = initialized_;
    }
    if (auto sent = remote_.send(*initialized, answer, occasion); !sent) return sent;
    sent_initialized = true;
  }
  log::info("the handshake with the server has been made");
  return {};
}

std::optional<unsigned> Handshake::wait_until_made(unsigned seen, const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return (!owed_ && settled_ != seen) || cancellation.cancelled(); });
  if (cancellation.cancelled()) return {};
  return settled_;
}

}  // namespace clickflow::bridge
