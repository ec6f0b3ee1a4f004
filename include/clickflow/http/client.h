#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "clickflow/base/url.h"
#include "clickflow/http/headers.h"
#include "clickflow/http/proxy.h"

namespace clickflow::http {

/// How long one exchange may take in each of its phases. There is no limit on the whole: a stream may go on
/// for days.
struct Limits {
  std::chrono::milliseconds connect{10'000};      ///< to connect; each read of the TLS handshake has it too
  std::chrono::milliseconds first_byte{300'000};  ///< from the request's beginning to the status line
  std::chrono::milliseconds silence{300'000};     ///< between two pieces of the body
  /// From the request's beginning to the answer's end. A server's stream has none: it may go on for days.
  std::optional<std::chrono::milliseconds> whole;
};

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;  ///< Host and Content-Length are added; every field is checked for control characters
  std::string body;
  std::string content_type;  ///< sent where there is a body
  /// Losing it does no harm: it may go out on a connection that the server is perhaps about to close.
  bool may_repeat = false;
  Limits limits;
};

struct ResponseHead {
  int status = 0;
  Headers headers;

  /// The media type in lower case, without its parameters; empty where there is none.
  std::string media_type() const;
  /// Retry-After in seconds (RFC 9110, section 10.2.3), where it is a number.
  std::optional<int> retry_after() const;
};

/// What a receiver wants after a piece of the body.
enum class Next {
  more,
  /// It has what it wanted. The end is awaited for a second, so that the connection can be used again.
  enough,
  stop,
};

/// Takes a response as it arrives, in the thread that called send().
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// False ends the exchange.
  virtual bool on_head(const ResponseHead& head) = 0;
  virtual Next on_body(std::string_view piece) = 0;
};

struct Response {
  ResponseHead head;
  std::string body;
};

/// What sends HTTP requests. Any thread may call send(); each call has a connection to itself.
class Client {
 public:
  virtual ~Client() = default;

  /// Sends one request, once, and blocks until the response has ended. Redirects are not followed: they come
  /// as they are. Fails with
  /// - `invalid_input`: a header could not be sent, or the proxy variable can't be read; nothing was sent;
  /// - `unreachable`: no connection, or no TLS; nothing was sent, so sending it again is safe;
  /// - `lost` or `timed_out`: it was sent, or partly, and whether the server acted on it is not known;
  /// - `cancelled`: through `cancellation`, or because `receiver` wanted no more (but not after
  /// Next::enough). The receiver may have had a part of the response before a failure.
  virtual Result<void> send(const Request& request, Receiver& receiver, const Cancellation& cancellation) = 0;
};

/// Sends a request and collects its answer; one longer than `max_body` bytes is a `protocol` failure.
Result<Response> fetch(Client& client, const Request& request, const Cancellation& cancellation,
                       size_t max_body = 1024 * 1024);

struct ClientSettings {
  ProxySettings proxy;
  /// Trusted beside the system's certificate authorities: a PEM file.
  std::optional<std::string> ca_file;
  /// An idle connection that has been used more recently is surely still open, where the server does not say
  /// itself how long it keeps one. Node and uvicorn close after 5 s.
  std::chrono::milliseconds surely_kept{4000};
};

/// The real one, on cpp-httplib: keep-alive connections are pooled per origin, certificate authorities are
/// loaded at the first TLS connection and shared. Destroy it only when no send() is running. POSIX: the
/// process ignores SIGPIPE, or a server that goes at the wrong moment ends it.
std::unique_ptr<Client> make_client(ClientSettings settings);

}  // namespace clickflow::http
