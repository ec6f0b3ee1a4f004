#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/url.h"
#include "support/certificates.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// One connection as the server sees it, to be handled byte by byte. Used by one thread. Reading and waiting
/// end when the server goes.
class Peer {
 public:
  virtual ~Peer() = default;

  /// A request's head with its blank line, and its body by Content-Length. Empty if the client closes first.
  virtual std::string read_request() = 0;
  /// What comes within the limit, at most 64 KiB; empty if the client closes or nothing comes.
  virtual std::string read_some(std::chrono::milliseconds limit = patience) = 0;
  /// False if the client has gone.
  virtual bool write(std::string_view bytes) = 0;
  /// True if the client closes within the limit.
  virtual bool wait_for_close(std::chrono::milliseconds limit = patience) = 0;
  virtual void pause(std::chrono::milliseconds duration) = 0;
  /// Ends the connection in good order, over TLS with its farewell. Without it, that happens when the handler
  /// returns.
  virtual void close() = 0;
  /// Over TLS, says that no more will come, and lets what the client still writes go by until it closes.
  virtual void farewell() = 0;
  /// Ends it with a reset.
  virtual void reset() = 0;
  /// From now on bytes go both ways between the client and that port, until one of them closes.
  virtual void join_with(uint16_t port) = 0;
};

/// A server on a free port of loopback that says what a test wants, be it nonsense. Each connection is
/// handled in a thread of its own; all have ended when the object goes.
class SocketServer {
 public:
  using Handler = std::function<void(Peer&)>;

  explicit SocketServer(Handler handler);
  /// At "::1", say; throws where the machine has no such address.
  SocketServer(const std::string& address, Handler handler);
  /// Over TLS.
  SocketServer(const Identity& identity, Handler handler);
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  uint16_t port() const;
  Url url(const std::string& target = "/mcp") const;
  /// How many connections there have been.
  int connections() const;
  /// How many requests read_request() has given.
  int requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A whole response with a Content-Length.
std::string http_response(int status, std::string_view body = {}, std::string_view more_headers = {});

}  // namespace clickflow::testing
