#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "loopback_socket.h"

namespace clickflow::auth {

/// One request, as far as the callback server looks at it.
struct Hit {
  std::string method;
  std::string target;               ///< as it was sent, percent-encoding and all
  std::optional<std::string> host;  ///< nothing where the field is missing or came twice
  bool has_body = false;
};

struct Answer {
  int status;
  std::string_view html;
};

/// HTTP on loopback for a server that anyone on the machine, and any page in a browser, may send anything to:
/// a connection carries one request, whose head has to be here within seconds and within 16 KiB; its body is
/// not read; a connection that dawdles makes room as soon as another waits. cpp-httplib parses and writes;
/// its own loop isn't used.
class CallbackServer {
 public:
  /// Called in threads of the server, several at once. May block until stop(); must not throw.
  using Handler = std::function<Answer(const Hit&)>;

  /// Takes over the socket, and answers from now on.
  CallbackServer(loopback_socket::Listening listener, Handler handler);
  ~CallbackServer();

  /// Ends when every handler has returned and its answer is written; the port is free then. One thread may
  /// call it.
  void stop();

 private:
  class Responder;

  void accept_connections();
  void serve(intptr_t connection);
  std::string read_head(intptr_t connection) const;
  void linger(intptr_t connection) const;

  const loopback_socket::Listening listener_;
  std::unique_ptr<Responder> responder_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> waiting_ = 0;  // connections that no thread has taken up
  std::thread thread_;
};

}  // namespace clickflow::auth
