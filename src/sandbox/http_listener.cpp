#include "http_listener.h"

#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <thread>

#include "clickflow/base/ascii.h"
#include "clickflow/base/log.h"
#include "clickflow/sandbox/event_stream.h"
#include "listener.h"

namespace clickflow::sandbox {
namespace {

// This machine only, whatever is asked for.
constexpr const char* address = "127.0.0.1";
// Each connection holds a thread: one that waits for its next request for keep_alive_seconds, one that reads
// a stream for as long as that lasts. What exceeds the settings' number and this one is turned away at once.
constexpr size_t waiting_connections = 64;
constexpr time_t keep_alive_seconds = 5;
constexpr size_t requests_per_connection = 100000;
constexpr size_t largest_body = 16 * 1024 * 1024;

constexpr int look_for_closed_connections_ms = 200;
constexpr int silence_ms =
    15000;  // then a comment goes out, so that nobody in between takes the stream for dead

Request to_request(const httplib::Request& from) {
  Request request{from.method, from.path, {}, from.body, from.target};
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower(name), value);
  return request;
}

// Passes a stream on until it ends or the client goes away; the stream itself lives on for a client that
// comes back.
auto pass_on(std::shared_ptr<EventReader> events) {
  return [events, silent_ms = 0, text = std::string()](size_t, httplib::DataSink& sink) mutable {
    switch (events->next(text, look_for_closed_connections_ms)) {
      case EventReader::Next::text:
        silent_ms = 0;
        return sink.write(text.data(), text.size());
      case EventReader::Next::nothing:
        silent_ms += look_for_closed_connections_ms;
        if (silent_ms < silence_ms) return sink.is_writable();
        silent_ms = 0;
        return sink.write(": still here\n\n", 14);
      case EventReader::Next::end:
        sink.done();
        return true;
    }
    return false;
  };
}

void fill(httplib::Response& to, const Reply& reply) {
  to.status = reply.status;
  for (const auto& [name, value] : reply.headers) to.set_header(name, value);
  if (reply.events) {
    to.set_chunked_content_provider(reply.content_type, pass_on(reply.events));
  } else if (!reply.body.empty()) {
    to.set_content(reply.body, reply.content_type);
  }
}

}  // namespace

struct HttpListener::Parts {
  std::string origin;
  httplib::Server http;
  Handler handler;
  std::thread thread;

  void answer(const httplib::Request& from, httplib::Response& to);
};

void HttpListener::Parts::answer(const httplib::Request& from, httplib::Response& to) {
  const auto begun = std::chrono::steady_clock::now();
  const Reply reply = handler(to_request(from));
  const auto taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun);
  log::info("{} {} {}{}{}{} ({:.1f} ms)", from.method, from.path, reply.status, reply.events ? " stream" : "",
            reply.note.empty() ? "" : ": ", reply.note, taken.count());
  fill(to, reply);
}

Result<std::unique_ptr<HttpListener>> HttpListener::bind(const Settings& settings) {
  auto parts = std::make_unique<Parts>();
  httplib::Server& http = parts->http;
  http.new_task_queue = [threads = settings.connections] {
    return new httplib::ThreadPool(threads, waiting_connections);
  };
  http.set_tcp_nodelay(true);
  // Not httplib's own options, which would let two sandboxes share a port without a word.
  http.set_socket_options([](socket_t listener) { set_listener_options(static_cast<intptr_t>(listener)); });
  http.set_keep_alive_timeout(keep_alive_seconds);
  http.set_keep_alive_max_count(requests_per_connection);
  http.set_payload_max_length(largest_body);
  const auto answer = [parts = parts.get()](const httplib::Request& from, httplib::Response& to) {
    parts->answer(from, to);
  };
  http.Get(".*", answer).Post(".*", answer).Delete(".*", answer);
  http.Put(".*", answer).Patch(".*", answer).Options(".*", answer);

  const int port = settings.port == 0 ? http.bind_to_any_port(address)
                                      : (http.bind_to_port(address, settings.port) ? settings.port : -1);
  if (port <= 0) {
    return fail(ErrorCode::system, fmt::format("Port {} on {} can't be had.", settings.port, address),
                fmt::format("Another program may listen there, perhaps another sandbox; use {} 0 for any "
                            "free port.",
                            settings.option));
  }
  parts->origin = fmt::format("http://{}:{}", address, port);
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(parts)));
}

HttpListener::HttpListener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpListener::~HttpListener() {
  stop();
}

const std::string& HttpListener::origin() const {
  return parts_->origin;
}

void HttpListener::serve(Handler handler) {
  parts_->handler = std::move(handler);
  parts_->thread = std::thread([this] { parts_->http.listen_after_bind(); });
  parts_->http.wait_until_ready();
}

void HttpListener::stop() {
  if (!parts_->thread.joinable()) return;
  parts_->http.stop();
  parts_->thread.join();
}

}  // namespace clickflow::sandbox
