#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "process/support/event.h"

namespace clickflow::testing {

/// A request as it came in.
struct Request {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int connection = 0;  ///< numbered from 1, in the order in which they were made

  /// Empty where there is none.
  std::string header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  /// Of the JSON-RPC message in the body, as JSON, byte for byte; empty where there is none.
  std::string id() const;
  std::string param(std::string_view name) const;
};

/// One request and what is said to it. Only in the handler that it was given to.
class Exchange {
 public:
  Exchange(int socket, Request the_request) : request(std::move(the_request)), socket_(socket) {}

  const Request request;

  // Byte for byte.
  void send(std::string_view bytes);
  /// Byte by byte, each in a packet of its own.
  void drip(std::string_view bytes);
  /// Ends the connection. What was sent still arrives.
  void close();
  /// Ends the connection now, in a way that the peer takes for a failure (RST).
  void reset();
  /// Until the peer has closed the connection. False if it did not.
  bool await_close(std::chrono::milliseconds limit = patience) const;

  // Well-formed. `headers` are whole lines, each with its CRLF.
  void answer(int status, std::string_view content_type, std::string_view body,
              std::string_view headers = {});
  void json(std::string_view body, std::string_view headers = {}) {
    answer(200, "application/json", body, headers);
  }
  /// The JSON-RPC response to this request.
  void result(std::string_view result, std::string_view headers = {});
  void accept() { answer(202, {}, {}); }

  void begin_stream(std::string_view headers = {});
  void stream(std::string_view bytes);
  /// An event; with an id, where it is given.
  void event(std::string_view data, std::string_view id = {});
  void end_stream();

  bool closing() const { return closing_; }

 private:
  const int socket_;
  bool closing_ = false;
};

std::string make_response(std::string_view id, std::string_view result);

/// A scripted MCP server on a raw socket, on a free port of 127.0.0.1: each request is given to a handler,
/// and the handler decides byte for byte what goes out. Handlers run side by side, one per connection, and
/// end before the server does: whatever they wait for has a limit.
class RawServer {
 public:
  using Handler = std::function<void(Exchange&)>;

  /// With a handler for everything: a handshake of 2025-11-25 with a session ("session-1", "session-2" …), no
  /// `server/discover`, no stream of its own, no tools in the list, and tool calls that are answered with the
  /// text "done".
  RawServer();
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  /// Nobody is there any more: what is under way breaks off, and no connection can be made.
  void stop();

  int port() const;
  std::string url() const;

  /// `what` is a JSON-RPC method, "response" for what has none, or GET or DELETE. Any thread, any time.
  void on(const std::string& what, Handler handler);

  /// The requests of that kind so far.
  std::vector<Request> seen(const std::string& what) const;
  size_t count(const std::string& what) const { return seen(what).size(); }
  int connections() const;
  /// The `number`th request of that kind; throws if it did not come within `patience`.
  Request await(const std::string& what, size_t number = 1) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clickflow::testing
