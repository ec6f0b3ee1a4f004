#include "callback_server.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "clickflow/auth/callback_page.h"

namespace clickflow::auth {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t threads = 16;
constexpr size_t longest_queue = 256;
constexpr size_t largest_head = 16 * 1024;
// A browser sends its request in the moment in which it connects. A connection without one is a spare of the
// browser's, which it will replace, or somebody else's.
constexpr auto patience = milliseconds(5000);
constexpr auto patience_while_others_wait = milliseconds(50);
constexpr auto write_limit = milliseconds(5000);
constexpr auto linger_limit = milliseconds(200);
// How soon a thread sees that others wait, or that it's time to stop.
constexpr int look_around = 20;

/// A request head that has been read already, and the connection to answer on. Which of the
/// functions override one depends on cpp-httplib's version (0.20 has other names), so none says so.
class HeadStream : public httplib::Stream {
 public:
  HeadStream(std::string_view head, intptr_t connection) : left_(head), connection_(connection) {}

  bool is_readable() const { return !left_.empty(); }
  bool wait_readable() const { return is_readable(); }
  bool is_writable() const { return true; }
  bool wait_writable() const { return true; }
  ssize_t read(char* buffer, size_t size) {
    const size_t count = std::min(size, left_.size());
    std::memcpy(buffer, left_.data(), count);
    left_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* text, size_t size) {
    if (!loopback_socket::send_all(connection_, {text, size}, static_cast<int>(write_limit.count())))
      return -1;
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return static_cast<socket_t>(connection_); }
  time_t duration() const { return 0; }

 private:
  std::string_view left_;
  const intptr_t connection_;
};

Hit to_hit(const httplib::Request& request) {
  Hit hit{request.method, request.target, std::nullopt, false};
  if (request.get_header_value_count("Host") == 1) hit.host = request.get_header_value("Host");
  hit.has_body = request.has_header("Transfer-Encoding") ||
                 (request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0");
  return hit;
}

}  // namespace

class CallbackServer::Responder : private httplib::Server {
 public:
  explicit Responder(CallbackServer::Handler handler) {
    httplib::Headers headers;
    for (const auto& [name, value] : callback_page_headers()) headers.emplace(name, value);
    set_default_headers(std::move(headers));
    set_pre_routing_handler(
        [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
          const Answer answer = handler(to_hit(request));
          response.status = answer.status;
          if (answer.status == httplib::StatusCode::MethodNotAllowed_405) response.set_header("Allow", "GET");
          set_page(response, answer.html);
          return HandlerResponse::Handled;
        });
    // Neither "100 Continue", which asks for a body, nor a bare 417, after which cpp-httplib would go on. It
    // doesn't take the status from what this returns.
    set_expect_100_continue_handler([](const httplib::Request&, httplib::Response& response) {
      return response.status = httplib::StatusCode::BadRequest_400;
    });
    // What cpp-httplib refuses by itself: a request that is none, an URI that is too long.
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) set_page(response, html(CallbackPage::wrong_hit));
    });
  }

  void respond(std::string_view head, intptr_t connection) {
    HeadStream stream(head, connection);
    bool closed = true;
    process_request(stream, "", 0, "", 0, true, closed, nullptr);
  }

 private:
  static void set_page(httplib::Response& response, std::string_view page) {
    response.set_content(page.data(), page.size(), "text/html; charset=utf-8");
  }
};

CallbackServer::CallbackServer(loopback_socket::Listening listener, Handler handler)
    : listener_(listener), responder_(std::make_unique<Responder>(std::move(handler))) {
  thread_ = std::thread([this] { accept_connections(); });
}

CallbackServer::~CallbackServer() {
  stop();
}

void CallbackServer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  thread_.join();
}

void CallbackServer::accept_connections() {
  httplib::ThreadPool pool(threads, longest_queue);
  while (!stopping_) {
    const intptr_t connection = loopback_socket::accept(listener_, look_around);
    if (connection < 0) continue;
    ++waiting_;
    const bool taken = pool.enqueue([this, connection] {
      --waiting_;
      serve(connection);
      loopback_socket::close(connection);
    });
    if (!taken) {
      --waiting_;
      loopback_socket::close(connection);
    }
  }
  loopback_socket::close(listener_.handle);
  pool.shutdown();
}

void CallbackServer::serve(intptr_t connection) {
  const std::string head = read_head(connection);
  if (head.empty()) return;
  responder_->respond(head, connection);
  loopback_socket::end_sending(connection);
  linger(connection);
}

/// Empty for a connection that sent nothing whole in its time. One that sent too much is answered:
/// cpp-httplib will find the head unfinished.
std::string CallbackServer::read_head(intptr_t connection) const {
  const auto start = Clock::now();
  std::string head;
  char block[4096];
  while (!stopping_) {
    const auto elapsed = Clock::now() - start;
    if (elapsed > patience || (waiting_ > 0 && elapsed > patience_while_others_wait)) break;
    if (!loopback_socket::wait_readable(connection, look_around)) continue;
    const long count = loopback_socket::receive(connection, block, sizeof block);
    if (count <= 0) break;
    const size_t seen = std::max<size_t>(head.size(), 3) - 3;
    head.append(block, static_cast<size_t>(count));
    // What follows is a body or another request; neither is read.
    if (const size_t end = head.find("\r\n\r\n", seen); end != std::string::npos)
      return head.substr(0, end + 4);
    if (head.size() > largest_head) return head;
  }
  return {};
}

/// Closing while there is something unread would reset the connection, and the peer might lose our answer
/// (RFC 9112, section 9.6).
void CallbackServer::linger(intptr_t connection) const {
  const auto start = Clock::now();
  char block[4096];
  while (!stopping_ && waiting_ == 0 && Clock::now() - start < linger_limit) {
    if (loopback_socket::wait_readable(connection, look_around) &&
        loopback_socket::receive(connection, block, sizeof block) <= 0) {
      break;
    }
  }
}

}  // namespace clickflow::auth
