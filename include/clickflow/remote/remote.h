#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "clickflow/auth/token_source.h"
#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// Takes what the server says, in the thread of the send() or listen() that it came through. An exception
/// leaves through that, and whoever passes messages on ends what he has begun all the same.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void on_message(mcp::Message message) = 0;
};

/// Keeps the response to a request that nobody else waits for. What else comes goes to `other`, which
/// outlives this object, if there is one.
struct Answer : Receiver {
  explicit Answer(Receiver* the_other = nullptr) : other(the_other) {}
  void on_message(mcp::Message message) override {
    if (message.is_response()) {
      response = std::move(message);
    } else if (other) {
      other->on_message(std::move(message));
    }
  }
  Receiver* const other;
  std::optional<mcp::Message> response;
};

/// The MCP server at the other end. Any thread may call anything; calls run side by side.
class Remote {
 public:
  virtual ~Remote() = default;

  /// Sends one message and blocks until the server is done with it. For a request, the receiver gets whatever
  /// the server says on the way and then, once, the response, under the request's own id. It is sent again
  /// only where the server certainly did not run it, or where running it twice changes nothing (see
  /// mcp::may_repeat()). Fails as http::Client does, and with `rejected`, `busy` or `protocol`; after a
  /// failure the response was not given.
  virtual Result<void> send(const mcp::Message& message, Receiver& receiver,
                            const auth::Occasion& occasion) = 0;

  /// Receives what the server starts by itself, reconnecting as need be, until it is cancelled or the server
  /// says that it offers no such stream. Call it after the handshake.
  virtual void listen(Receiver& receiver, const Cancellation& cancellation) = 0;

  /// Returns once listen() hears what the server says, or within a limit. At once where nobody listens, or
  /// where there is nothing to hear.
  virtual void await_stream() {}

  /// Takes leave of the server, within a limit. What is still running should have been cancelled.
  virtual void close(std::chrono::milliseconds limit) = 0;
};

/// `why` in the words for a request that is not harmless (mcp::is_harmless()). Where it may have run, whoever
/// reads them, a model above all, must not simply try again; other failures stay as they are.
Error in_doubt(Error why);

}  // namespace clickflow::remote
