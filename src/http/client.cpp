#include "clickflow/http/client.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "clickflow/base/ascii.h"
#include "clickflow/base/base64.h"
#include "clickflow/base/log.h"
#include "exchange.h"
#include "keep_alive.h"
#include "socket_options.h"
#include "trust_store.h"

namespace clickflow::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view user_agent = "clickflow-mcp/" CLICKFLOW_VERSION;
// As many as a host has been seen to have in flight at once; more are closed after use.
constexpr size_t idle_per_origin = 32;
// Shorter than what load balancers allow (60 s is the least that is common).
constexpr auto idle_time = std::chrono::seconds(50);
// Only to be reached if the watchdog, which knows the phase, failed.
constexpr auto backstop = std::chrono::seconds(5);

// cpp-httplib has put other names, and in one case nothing, in the place of these: 0.25 and 0.31.
void send_as_written(auto& connection) {
  if constexpr (requires { connection.set_path_encode(false); }) {
    connection.set_path_encode(false);
  } else {
    connection.set_url_encode(false);
  }
}

SSL_CTX* tls_context(const auto& connection) {
  if constexpr (requires { connection.tls_context(); }) {
    return static_cast<SSL_CTX*>(connection.tls_context());
  } else {
    return connection.ssl_context();
  }
}

long verify_result(const auto& connection) {
  if constexpr (requires { connection.get_openssl_verify_result(); }) {
    return connection.get_openssl_verify_result();
  } else {
    return X509_V_ERR_UNSPECIFIED;
  }
}

Error not_connected(const Url& url, const Proxy* proxy, httplib::Error error, const Limits& limits,
                    long verified) {
  const std::string peer = peer_of(url);
  const std::string nobody = proxy ? "The proxy " + peer_of({"http", proxy->host, proxy->port, "/"}) +
                                         ", or " + peer + " through it,"
                                   : peer;
  switch (error) {
    case httplib::Error::ConnectionTimeout:
      return {ErrorCode::unreachable,
              nobody + " did not accept a connection within " + in_words(limits.connect) + ".",
              proxy ? "Check --proxy and the proxy variables."
                    : "Check the network, and --proxy if you need one."};
    case httplib::Error::SSLServerVerification:
      return {
          ErrorCode::unreachable,
          "The certificate of " + peer + " is not trusted (" + X509_verify_cert_error_string(verified) + ").",
          "If your network inspects TLS, name its certificate authority with --ca-file."};
    case httplib::Error::SSLServerHostnameVerification:
      return {ErrorCode::unreachable, "The certificate of " + peer + " is for another host.",
              "Check the URL; nothing was sent."};
    case httplib::Error::SSLConnection:
      return {ErrorCode::unreachable, "No TLS connection to " + peer + " could be made.",
              "Check that the URL's port speaks https."};
    case httplib::Error::ProxyConnection:
      return {ErrorCode::unreachable, "The proxy did not connect us to " + peer + ".",
              "Check --proxy and the proxy variables, and the proxy's user name and password."};
    default:
      return {ErrorCode::unreachable, nobody + " can't be reached.",
              proxy ? "Check --proxy and the proxy variables." : "Check the network and the URL."};
  }
}

// A multimap without order keeps fields of one name together: this standard library's in the order in which
// they were put in, or in the opposite one.
bool newest_first() {
  httplib::Headers two;
  two.emplace("a", "1");
  two.emplace("a", "2");
  return two.begin()->second == "2";
}

ResponseHead to_head(const httplib::Response& response) {
  static const bool reversed = newest_first();
  std::vector<std::pair<std::string, std::string>> fields(response.headers.begin(), response.headers.end());
  if (reversed) std::reverse(fields.begin(), fields.end());
  ResponseHead head;
  head.status = response.status;
  for (auto& [name, value] : fields) {
    const bool clean =
        std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 && c != '\t'; });
    if (clean) {
      head.headers.add(std::move(name), std::move(value));
    } else {
      log::warn("the server's header {} has control characters and is ignored", name);
    }
  }
  return head;
}

// A whole line; none where the proxy was not given a login. cpp-httplib would leave out one without a
// password.
std::string login_at(const Proxy& proxy) {
  if (proxy.user.empty() && proxy.password.expose().empty()) return {};
  return "Proxy-Authorization: Basic " +
         base64_encode(proxy.user + ":" + std::string(proxy.password.expose())) + "\r\n";
}

class PooledClient : public Client {
 public:
  explicit PooledClient(ClientSettings settings)
      : settings_(std::move(settings)), trust_(settings_.ca_file) {}

  Result<void> send(const Request& request, Receiver& receiver, const Cancellation& cancellation) override {
    for (const auto& [name, value] : request.headers) {
      if (!is_valid_name(name) || !is_valid_value(value)) {
        return fail(ErrorCode::invalid_input,
                    "The header " + log::redact(name) + " holds characters that no header may hold.",
                    "Correct the setting that it comes from.");
      }
    }
    if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
    auto connection = take(request);
    if (!connection) return tl::make_unexpected(connection.error());
    const auto answer = send_on(**connection, request, receiver, cancellation);
    if (!answer) return tl::make_unexpected(answer.error());
    if ((*connection)->is_socket_open()) give_back(request.url, std::move(*connection), answer->headers);
    return {};
  }

 private:
  using Connection = std::unique_ptr<httplib::Client>;
  struct Idle {
    Connection connection;
    Clock::time_point surely_until;  // the server keeps it
    Clock::time_point until;         // we keep it
  };

  Result<ResponseHead> send_on(httplib::Client& connection, const Request& request, Receiver& receiver,
                               const Cancellation& cancellation) {
    Exchange exchange([&connection] { connection.stop(); }, request.limits);
    const auto longest = std::max(request.limits.first_byte, request.limits.silence) + backstop;
    connection.set_connection_timeout(request.limits.connect);
    // A proxy has as long to make a tunnel as a server has to take a connection; after that the limits are
    // ours.
    const Proxy* const proxy = settings_.proxy.for_url(request.url).value_or(nullptr);
    const bool tunnels = request.url.is_https() && proxy;
    connection.set_read_timeout(tunnels && !connection.is_socket_open() ? request.limits.connect : longest);
    connection.set_write_timeout(longest);
    connection.set_header_writer([&](httplib::Stream& stream, httplib::Headers& headers) -> ssize_t {
      // A proxy's CONNECT comes through here too, with cpp-httplib's own User-Agent.
      const auto agent = headers.find("User-Agent");
      const bool connects = agent == headers.end() || agent->second != user_agent;
      connects ? connection.set_read_timeout(longest) : exchange.before_sending();
      std::string text;
      for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
      // In a tunnel the other end is the server, which must not learn who we are to the proxy.
      if (proxy && (connects || !tunnels)) text += login_at(*proxy);
      text += "\r\n";
      return stream.write(text.data(), text.size());
    });

    httplib::Request out;
    out.method = request.method;
    out.path = request.url.target;
    for (const auto& [name, value] : request.headers) out.headers.emplace(name, value);
    const auto set = [&](const char* name, std::string_view value) {
      out.headers.erase(name);
      out.headers.emplace(name, value);
    };
    set("User-Agent", user_agent);
    set("Accept-Encoding", "identity");
    if (!request.body.empty()) set("Content-Type", request.content_type);
    out.body = request.body;
    std::optional<ResponseHead> head;
    bool refused = false;
    bool enough = false;
    int interim = 0;
    out.response_handler = [&](const httplib::Response& response) {
      // cpp-httplib passes over 100 only. What it takes for the body of another would be the answer itself.
      if (response.status < 200) {
        interim = response.status;
        return false;
      }
      exchange.pause();
      head = to_head(response);
      refused = !receiver.on_head(*head);
      exchange.on_response();
      return !refused;
    };
    out.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
      if (enough) return true;
      exchange.pause();
      const Next next = receiver.on_body(std::string_view(data, size));
      enough = next == Next::enough;
      refused = next == Next::stop;
      enough ? exchange.on_enough() : exchange.on_response();
      return !refused;
    };

    httplib::Response response;
    auto error = httplib::Error::Success;
    bool done = false;
    {
      Watchdog::Registration watched(watchdog_, exchange);
      Cancellation::Callback on_cancel(cancellation, [&] { exchange.stop(Exchange::End::cancelled); });
      try {
        done = connection.send(out, response, error);
        // A proxy that refuses: cpp-httplib takes its answer for the server's.
        if (error == httplib::Error::ProxyConnection) done = false;
      } catch (const Exchange::Abandoned&) {
        connection.stop();
      }
    }
    // Where the connection's end is the body's, our own ending of it looks like a good one.
    if (done && exchange.end() == Exchange::End::none) {
      if (!head) receiver.on_head(head.emplace(to_head(response)));
      return *std::move(head);
    }
    if (enough) return *std::move(head);
    if (interim != 0) {
      return fail(ErrorCode::lost,
                  request.url.origin() + " sent an interim answer (HTTP " + std::to_string(interim) +
                      ") that this program does not know.",
                  "Tell whoever runs the server, or a proxy before it.");
    }
    if (refused) return fail(ErrorCode::cancelled, "The rest of the answer was not wanted.", "");
    if (!exchange.sent()) {
      if (exchange.end() != Exchange::End::none)
        return tl::make_unexpected(exchange.not_finished(request.url));
      return tl::make_unexpected(
          not_connected(request.url, proxy, error, request.limits, verify_result(connection)));
    }
    log::debug("exchange with {} failed: {}", request.url.origin(), httplib::to_string(error));
    return tl::make_unexpected(exchange.not_finished(request.url));
  }

  Result<Connection> take(const Request& request) {
    {
      std::lock_guard lock(mutex_);
      auto& idle = idle_[request.url.origin()];
      const auto now = Clock::now();
      std::erase_if(idle, [&](const Idle& entry) { return entry.until <= now; });
      while (!idle.empty() && (request.may_repeat || now < idle.back().surely_until)) {
        auto connection = std::move(idle.back().connection);
        idle.pop_back();
        // What the server has sent meanwhile would be taken for the next answer's beginning.
        if (!is_readable(static_cast<intptr_t>(connection->socket()))) return connection;
      }
    }
    return connect(request.url);
  }

  void give_back(const Url& url, Connection connection, const Headers& headers) {
    connection->set_header_writer(nullptr);
    const auto now = Clock::now();
    const auto kept = kept_for(headers);
    const auto until = now + std::min<Clock::duration>(kept.value_or(idle_time), idle_time);
    const auto surely_until = kept ? until : now + settings_.surely_kept;
    std::lock_guard lock(mutex_);
    auto& idle = idle_[url.origin()];
    if (now < until && idle.size() < idle_per_origin)
      idle.push_back({std::move(connection), surely_until, until});
  }

  Result<Connection> connect(const Url& url) {
    const auto proxy = settings_.proxy.for_url(url);
    if (!proxy) return tl::make_unexpected(proxy.error());
    auto connection = std::make_unique<httplib::Client>(url.origin());
    connection->set_keep_alive(true);
    connection->set_tcp_nodelay(true);
    connection->set_follow_location(false);
    connection->set_decompress(false);
    send_as_written(*connection);
    connection->set_socket_options([](auto socket) { enable_keep_alive(socket); });
    if (*proxy) connection->set_proxy((*proxy)->host, (*proxy)->port);
    if (url.is_https()) {
      auto store = trust_.share();
      if (!store) return tl::make_unexpected(store.error());
      connection->set_ca_cert_store(*store);
      connection->set_ca_cert_path({}, TrustStore::empty_folder);
      connection->enable_server_certificate_verification(true);
      // Its end would wait for the server's farewell: a second, during which others want the pool.
      SSL_CTX_set_quiet_shutdown(tls_context(*connection), 1);
    }
    return connection;
  }

  const ClientSettings settings_;
  TrustStore trust_;
  Watchdog watchdog_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_;
};

}  // namespace

std::string ResponseHead::media_type() const {
  std::string type(headers.get("Content-Type").value_or(""));
  type.erase(std::min(type.find(';'), type.size()));
  std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
  return lower(type);
}

std::optional<int> ResponseHead::retry_after() const {
  const auto value = headers.get("Retry-After");
  int result = 0;
  if (!value) return std::nullopt;
  const auto [end, failure] = std::from_chars(value->data(), value->data() + value->size(), result);
  if (failure != std::errc() || end != value->data() + value->size() || result < 0) return std::nullopt;
  return result;
}

Result<Response> fetch(Client& client, const Request& request, const Cancellation& cancellation,
                       size_t max_body) {
  struct Collector : Receiver {
    bool on_head(const ResponseHead& head) override {
      response.head = head;
      return true;
    }
    Next on_body(std::string_view piece) override {
      too_long = response.body.size() + piece.size() > max_body;
      if (!too_long) response.body += piece;
      return too_long ? Next::stop : Next::more;
    }
    Response response;
    size_t max_body = 0;
    bool too_long = false;
  } collector;
  collector.max_body = max_body;
  const auto sent = client.send(request, collector, cancellation);
  if (collector.too_long) {
    return fail(
        ErrorCode::protocol,
        "The answer of " + peer_of(request.url) + " is longer than " + std::to_string(max_body) + " bytes.",
        "Check the URL.");
  }
  if (!sent) return tl::make_unexpected(sent.error());
  return std::move(collector.response);
}

std::unique_ptr<Client> make_client(ClientSettings settings) {
  return std::make_unique<PooledClient>(std::move(settings));
}

}  // namespace clickflow::http
