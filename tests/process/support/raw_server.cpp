#include "process/support/raw_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "clickflow/http/headers.h"
#include "clickflow/mcp/json.h"

namespace clickflow::testing {
namespace {

// The program's own reading of JSON, since only that one gives the bytes as they were sent.
std::string member(std::string_view object, std::string_view name) {
  return std::string(mcp::json::member(object, name).value_or(std::string_view()));
}

std::string kind_of(const Request& request) {
  if (request.method != "POST") return request.method;
  const std::string method = member(request.body, "method");
  return method.empty() ? "response" : mcp::json::decode(method);
}

std::string take_until(std::string& text, std::string_view end) {
  const size_t at = std::min(text.find(end), text.size());
  std::string head = text.substr(0, at);
  text.erase(0, at + end.size());
  return head;
}

// Nothing once the peer has gone.
std::optional<Request> read_request(int socket, std::string& unread) {
  char block[64 * 1024];
  auto read_more = [&] {
    const ssize_t count = ::recv(socket, block, sizeof block, 0);
    if (count > 0) unread.append(block, static_cast<size_t>(count));
    return count > 0;
  };
  while (unread.find("\r\n\r\n") == std::string::npos) {
    if (!read_more()) return std::nullopt;
  }
  Request request;
  std::string head = take_until(unread, "\r\n\r\n");
  std::string line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  while (!head.empty()) {
    std::string field = take_until(head, "\r\n");
    std::string name = take_until(field, ": ");
    request.headers.emplace_back(std::move(name), std::move(field));
  }
  const size_t length = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
  while (unread.size() < length) {
    if (!read_more()) return std::nullopt;
  }
  request.body = unread.substr(0, length);
  unread.erase(0, length);
  return request;
}

void close_on_exec(int descriptor) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

}  // namespace

std::string make_response(std::string_view id, std::string_view result) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" + std::string(result) + "}";
}

bool Request::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& field) { return http::equal_without_case(field.first, name); });
}

std::string Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (http::equal_without_case(key, name)) return value;
  }
  return {};
}

std::string Request::id() const {
  return member(body, "id");
}

std::string Request::param(std::string_view name) const {
  return member(member(body, "params"), name);
}

void Exchange::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // the peer has gone, as peers do
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void Exchange::drip(std::string_view bytes) {
  for (const char byte : bytes) send({&byte, 1});
}

void Exchange::close() {
  ::shutdown(socket_, SHUT_WR);
  closing_ = true;
}

void Exchange::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  closing_ = true;
}

bool Exchange::await_close(std::chrono::milliseconds limit) const {
  pollfd waits{socket_, POLLIN, 0};
  if (::poll(&waits, 1, static_cast<int>(limit.count())) <= 0) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
}

void Exchange::answer(int status, std::string_view content_type, std::string_view body,
                      std::string_view headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n" + std::string(headers);
  if (!content_type.empty()) text += "Content-Type: " + std::string(content_type) + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  send(text.append(body));
}

void Exchange::result(std::string_view result, std::string_view headers) {
  json(make_response(request.id(), result), headers);
}

void Exchange::begin_stream(std::string_view headers) {
  send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n" +
       std::string(headers) + "\r\n");
}

void Exchange::stream(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  send(std::string(size).append(bytes).append("\r\n"));
}

void Exchange::event(std::string_view data, std::string_view id) {
  std::string text;
  if (!id.empty()) text = "id: " + std::string(id) + "\n";
  stream(text.append("data: ").append(data).append("\n\n"));
}

void Exchange::end_stream() {
  send("0\r\n\r\n");
}

struct RawServer::State {
  State() {
    listener = ::socket(AF_INET, SOCK_STREAM, 0);
    close_on_exec(listener);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener, SOMAXCONN) != 0 || ::pipe(wake) != 0)
      throw std::runtime_error("no server socket");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    for (const int end : wake) close_on_exec(end);
    acceptor = std::thread([this] { accept_all(); });
  }

  ~State() { stop(); }

  void stop() {
    if (!acceptor.joinable()) return;
    [[maybe_unused]] const auto written = ::write(wake[1], "", 1);
    acceptor.join();
    {
      std::lock_guard lock(mutex);
      for (const int socket : open) ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : threads) thread.join();
    for (const int descriptor : {listener, wake[0], wake[1]}) ::close(descriptor);
  }

  void accept_all() {
    for (;;) {
      pollfd waits[2] = {{listener, POLLIN, 0}, {wake[0], POLLIN, 0}};
      if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
      if (waits[1].revents != 0) return;
      const int socket = ::accept(listener, nullptr, nullptr);
      if (socket < 0) continue;
      close_on_exec(socket);
      const int yes = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      std::lock_guard lock(mutex);
      open.insert(socket);
      threads.emplace_back([this, socket, number = ++connections] { serve(socket, number); });
    }
  }

  void serve(int socket, int number) {
    std::string unread;
    for (bool closing = false; !closing;) {
      auto request = read_request(socket, unread);
      if (!request) break;
      request->connection = number;
      Exchange exchange(socket, std::move(*request));
      handler_for(exchange.request)(exchange);
      closing = exchange.closing();
    }
    std::lock_guard lock(mutex);
    open.erase(socket);
    ::close(socket);
  }

  Handler handler_for(const Request& request) {
    const std::string kind = kind_of(request);
    std::lock_guard lock(mutex);
    seen[kind].push_back(request);
    changed.notify_all();
    const auto found = handlers.find(kind);
    if (found != handlers.end()) return found->second;
    return kind.starts_with("notifications/") ? handlers.at("response") : handlers.at("");
  }

  int listener = -1;
  int wake[2] = {-1, -1};
  int port = 0;
  std::thread acceptor;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::thread> threads;
  std::set<int> open;
  int connections = 0;
  int sessions = 0;
  std::map<std::string, Handler> handlers;
  std::map<std::string, std::vector<Request>> seen;
};

RawServer::RawServer() : state_(std::make_unique<State>()) {
  on("initialize", [state = state_.get()](Exchange& exchange) {
    int session = 0;
    {
      std::lock_guard lock(state->mutex);
      session = ++state->sessions;
    }
    exchange.result(
        R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}})",
        "Mcp-Session-Id: session-" + std::to_string(session) + "\r\n");
  });
  // What a server of that revision says to a request before the handshake.
  on("server/discover", [](Exchange& exchange) { exchange.answer(400, {}, {}); });
  on("response", [](Exchange& exchange) { exchange.accept(); });
  on("GET", [](Exchange& exchange) { exchange.answer(405, {}, {}); });
  on("DELETE", [](Exchange& exchange) { exchange.answer(200, {}, {}); });
  on("tools/list", [](Exchange& exchange) { exchange.result(R"({"tools":[]})"); });
  on("tools/call",
     [](Exchange& exchange) { exchange.result(R"({"content":[{"type":"text","text":"done"}]})"); });
  on("", [](Exchange& exchange) { exchange.result(R"({})"); });
}

RawServer::~RawServer() = default;

void RawServer::stop() {
  state_->stop();
}

int RawServer::port() const {
  return state_->port;
}

std::string RawServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port()) + "/mcp";
}

void RawServer::on(const std::string& what, Handler handler) {
  std::lock_guard lock(state_->mutex);
  state_->handlers[what] = std::move(handler);
}

std::vector<Request> RawServer::seen(const std::string& what) const {
  std::lock_guard lock(state_->mutex);
  const auto found = state_->seen.find(what);
  return found == state_->seen.end() ? std::vector<Request>() : found->second;
}

int RawServer::connections() const {
  std::lock_guard lock(state_->mutex);
  return state_->connections;
}

Request RawServer::await(const std::string& what, size_t number) const {
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_for(lock, patience, [&] { return state_->seen[what].size() >= number; }))
    throw std::runtime_error("the server got no " + what + " for the " + std::to_string(number) + ". time");
  return state_->seen[what][number - 1];
}

}  // namespace clickflow::testing
