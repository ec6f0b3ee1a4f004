#include "clickflow/sandbox/server.h"

#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <thread>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/log.h"
#include "clickflow/base/url.h"
#include "clickflow/sandbox/event_stream.h"
#include "clickflow/sandbox/site.h"
#include "listener.h"

namespace clickflow::sandbox {
namespace {

// Each connection holds a thread: one that waits for its next request for keep_alive_seconds, one that reads
// a stream for as long as that lasts. What exceeds both numbers is turned away at once.
constexpr size_t connection_threads = 96;
constexpr size_t waiting_connections = 64;
constexpr time_t keep_alive_seconds = 5;
constexpr size_t requests_per_connection = 100000;
constexpr size_t largest_body = 16 * 1024 * 1024;

constexpr int look_for_closed_connections_ms = 200;
constexpr int silence_ms =
    15000;  // then a comment goes out, so that nobody in between takes the stream for dead
constexpr int write_keys_every_ms = 1000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return text;
}

Request to_request(const httplib::Request& from) {
  Request request{from.method, from.path, {}, {}, from.body};
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
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

std::filesystem::path keys_file(const std::filesystem::path& data) {
  return data / "api-keys.json";
}

// In the order in which they need each other: the threads go first.
struct Server::Parts {
  explicit Parts(const ServerSettings& settings)
      : clock(settings.clock ? settings.clock : Clock(system_now)),
        keys(keys_file(settings.data), clock),
        workflows(clock, settings.speed) {}

  const Clock clock;
  ApiKeys keys;
  Roadmap roadmap;
  Workflows workflows;
  std::string origin;
  std::unique_ptr<Site> site;
  httplib::Server http;
  Cancellation stopping;
  std::thread listener;
  std::thread key_writer;

  void answer(const httplib::Request& from, httplib::Response& to);
  void write_keys();
};

void Server::Parts::answer(const httplib::Request& from, httplib::Response& to) {
  const auto begun = std::chrono::steady_clock::now();
  const Reply reply = site->handle(to_request(from));
  const auto taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun);
  log::info("{} {} {}{}{}{} ({:.1f} ms)", from.method, from.path, reply.status, reply.events ? " stream" : "",
            reply.note.empty() ? "" : ": ", reply.note, taken.count());
  fill(to, reply);
}

void Server::Parts::write_keys() {
  if (auto written = keys.flush(); !written) log::warn("{}", written.error().message());
}

Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings) {
  const bool is_v6 = settings.address.find(':') != std::string::npos;
  const auto origin = Url::parse("http://" + (is_v6 ? "[" + settings.address + "]" : settings.address));
  if (!origin || !origin->is_loopback()) {
    return fail(ErrorCode::invalid_input, "The sandbox does not listen on " + settings.address + ".",
                "It is for this machine only: use 127.0.0.1 or ::1.");
  }
  if (!(settings.speed > 0)) {
    return fail(ErrorCode::invalid_input, "The speed must be more than 0.",
                "1 is normal, 2 is twice as fast.");
  }
  auto parts = std::make_unique<Parts>(settings);
  if (auto listed = parts->keys.list(); !listed) return tl::make_unexpected(listed.error());

  httplib::Server& http = parts->http;
  http.new_task_queue = [] { return new httplib::ThreadPool(connection_threads, waiting_connections); };
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

  const int port = settings.port == 0
                       ? http.bind_to_any_port(settings.address)
                       : (http.bind_to_port(settings.address, settings.port) ? settings.port : -1);
  if (port <= 0) {
    return fail(ErrorCode::system,
                fmt::format("Port {} on {} can't be had.", settings.port, settings.address),
                "Another program may listen there, perhaps another sandbox; use --port 0 for any free port.");
  }
  parts->origin = fmt::format("{}:{}", origin->origin(), port);
  parts->site =
      std::make_unique<Site>(parts->origin, parts->keys, Platform{parts->roadmap, parts->workflows});
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  parts_->listener = std::thread([this] { parts_->http.listen_after_bind(); });
  parts_->key_writer = std::thread([this] {
    while (parts_->stopping.sleep(write_keys_every_ms)) parts_->write_keys();
  });
  parts_->http.wait_until_ready();
}

Server::~Server() {
  parts_->stopping.cancel();
  parts_->site->stop();  // first, since connections read streams until these end
  parts_->http.stop();
  parts_->listener.join();
  parts_->key_writer.join();
  parts_->write_keys();
}

std::string Server::mcp_url() const {
  return parts_->origin + "/v1/mcp";
}

ApiKeys& Server::keys() {
  return parts_->keys;
}

}  // namespace clickflow::sandbox
