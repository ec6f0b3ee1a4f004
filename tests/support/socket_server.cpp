#include "support/socket_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <mutex>
#include <thread>

#include "clickflow/http/headers.h"

namespace clickflow::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

// How soon a wait notices that the server goes.
constexpr auto slice = milliseconds(10);

size_t content_length(const std::string& head) {
  size_t line = 0;
  while ((line = head.find("\r\n", line)) != std::string::npos) {
    line += 2;
    const size_t colon = head.find(':', line);
    if (colon == std::string::npos) break;
    if (http::equal_without_case(head.substr(line, colon - line), "Content-Length"))
      return std::stoul(head.substr(colon + 1));
  }
  return 0;
}

}  // namespace

struct SocketServer::State {
  struct Connection;

  State(const Identity* identity, Handler the_handler, const std::string& address = "127.0.0.1");

  void accept();

  const Handler handler;
  std::optional<asio::ssl::context> tls;
  asio::io_context context;
  tcp::acceptor acceptor;
  const uint16_t port = acceptor.local_endpoint().port();
  const std::string host;
  std::atomic<bool> ending = false;
  std::atomic<int> connections = 0;
  std::atomic<int> requests = 0;
  std::list<std::thread> threads;
  std::thread accepting;
};

struct SocketServer::State::Connection : Peer {
  explicit Connection(State& the_server) : server(the_server), socket(context) {}

  // Lets the operation that was begun end, within the limit. False if it did not.
  bool run(milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    context.restart();
    while (!context.stopped() && !server.ending && std::chrono::steady_clock::now() < deadline)
      context.run_for(slice);
    if (context.stopped()) return true;
    // More than once: what comes next in an operation of several steps may not have begun yet.
    while (!context.stopped()) {
      boost::system::error_code ignored;
      socket.cancel(ignored);
      context.run_for(slice);
    }
    return false;
  }

  bool handshake() {
    if (!server.tls) return true;
    boost::system::error_code failure = asio::error::timed_out;
    secure.emplace(socket, *server.tls);
    secure->async_handshake(asio::ssl::stream_base::server, [&](auto code) { failure = code; });
    return run(patience) && !failure;
  }

  // Adds what comes to `buffer`.
  bool fill(milliseconds limit) {
    char block[16 * 1024];
    size_t count = 0;
    auto done = [&](auto, size_t size) { count = size; };
    if (secure) {
      secure->async_read_some(asio::buffer(block), done);
    } else {
      socket.async_read_some(asio::buffer(block), done);
    }
    run(limit);
    buffer.append(block, count);
    return count > 0;
  }

  std::string read_request() override {
    size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!fill(patience)) return {};
    }
    const size_t size = end + 4 + content_length(buffer.substr(0, end + 2));
    while (buffer.size() < size) {
      if (!fill(patience)) return {};
    }
    ++server.requests;
    std::string request = buffer.substr(0, size);
    buffer.erase(0, size);
    return request;
  }

  std::string read_some(milliseconds limit) override {
    if (buffer.empty()) fill(limit);
    return std::exchange(buffer, {});
  }

  bool write(std::string_view bytes) override {
    boost::system::error_code failure = asio::error::timed_out;
    auto done = [&](auto code, size_t) { failure = code; };
    if (secure) {
      asio::async_write(*secure, asio::buffer(bytes.data(), bytes.size()), done);
    } else {
      asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()), done);
    }
    return run(patience) && !failure;
  }

  bool wait_for_close(milliseconds limit) override {
    const Stopwatch waited;
    while (waited.elapsed() < limit && !server.ending) {
      boost::system::error_code failure = asio::error::timed_out;
      char byte = 0;
      auto done = [&](auto code, size_t) { failure = code; };
      if (secure) {
        secure->async_read_some(asio::buffer(&byte, 1), done);
      } else {
        socket.async_read_some(asio::buffer(&byte, 1), done);
      }
      if (run(limit - waited.elapsed()) && failure) return true;
    }
    return false;
  }

  void pause(milliseconds duration) override {
    const Stopwatch waited;
    while (waited.elapsed() < duration && !server.ending)
      std::this_thread::sleep_for(std::min(slice, duration - waited.elapsed()));
  }

  void close() override {
    boost::system::error_code ignored;
    if (secure) {
      secure->async_shutdown([](auto) {});
      run(milliseconds(50));
    }
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  void farewell() override {
    secure->async_shutdown([](auto) {});
    run(milliseconds(50));
    secure.reset();  // from here on it is only bytes
    while (!read_some(patience).empty()) continue;
  }

  void reset() override {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
  }

  void join_with(uint16_t other_port) override {
    tcp::socket other(context);
    other.connect(tcp::endpoint(asio::ip::address_v4::loopback(), other_port));
    char there[16 * 1024], back[16 * 1024];
    std::function<void(tcp::socket&, tcp::socket&, char*)> pump = [&](tcp::socket& from, tcp::socket& to,
                                                                      char* block) {
      from.async_read_some(asio::buffer(block, sizeof there), [&, block](auto failure, size_t count) {
        boost::system::error_code broken;
        if (!failure) asio::write(to, asio::buffer(block, count), broken);
        if (failure || broken) {
          to.shutdown(tcp::socket::shutdown_both, broken);
        } else {
          pump(from, to, block);
        }
      });
    };
    pump(socket, other, there);
    pump(other, socket, back);
    context.restart();
    while (!context.stopped() && !server.ending) context.run_for(slice);
    boost::system::error_code ignored;
    other.close(ignored);
    socket.close(ignored);
    context.run();
  }

  State& server;
  asio::io_context context;
  tcp::socket socket;
  std::optional<asio::ssl::stream<tcp::socket&>> secure;
  std::string buffer;
};

SocketServer::State::State(const Identity* identity, Handler the_handler, const std::string& address)
    : handler(std::move(the_handler)),
      acceptor(context, tcp::endpoint(asio::ip::make_address(address), 0)),
      host(address.find(':') == std::string::npos ? address : "[" + address + "]") {
  if (identity) {
    tls.emplace(asio::ssl::context::tls_server);
    tls->use_certificate(asio::buffer(identity->certificate_pem()), asio::ssl::context::pem);
    tls->use_private_key(asio::buffer(identity->key_pem()), asio::ssl::context::pem);
  }
  accepting = std::thread([this] { accept(); });
}

void SocketServer::State::accept() {
  while (!ending) {
    auto connection = std::make_shared<Connection>(*this);
    boost::system::error_code failure = asio::error::timed_out;
    acceptor.async_accept(connection->socket, [&](auto code) { failure = code; });
    while (!ending && failure == asio::error::timed_out) {
      context.restart();
      context.run_for(slice);
    }
    if (failure) {
      acceptor.close();
      context.restart();
      context.run();
      return;
    }
    ++connections;
    connection->socket.set_option(tcp::no_delay(true));
    threads.emplace_back([this, connection] {
      if (!connection->handshake()) return;
      handler(*connection);
      if (connection->socket.is_open()) connection->close();
    });
  }
}

SocketServer::SocketServer(Handler handler) : state_(std::make_unique<State>(nullptr, std::move(handler))) {}

SocketServer::SocketServer(const std::string& address, Handler handler)
    : state_(std::make_unique<State>(nullptr, std::move(handler), address)) {}

SocketServer::SocketServer(const Identity& identity, Handler handler)
    : state_(std::make_unique<State>(&identity, std::move(handler))) {}

SocketServer::~SocketServer() {
  state_->ending = true;
  state_->accepting.join();
  for (auto& thread : state_->threads) thread.join();
}

uint16_t SocketServer::port() const {
  return state_->port;
}

Url SocketServer::url(const std::string& target) const {
  return Url::parse((state_->tls ? "https://" : "http://") + state_->host + ":" + std::to_string(port()) +
                    target)
      .value();
}

int SocketServer::connections() const {
  return state_->connections;
}

int SocketServer::requests() const {
  return state_->requests;
}

std::string http_response(int status, std::string_view body, std::string_view more_headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Said\r\n";
  text.append(more_headers).append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

}  // namespace clickflow::testing
