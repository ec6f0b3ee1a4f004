#include "clickflow/sandbox/sessions.h"

#include <algorithm>

#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_sessions = 256;
constexpr size_t most_streams = 256;
constexpr std::string_view first_primed_version = "2025-11-25";

}  // namespace

Session::Session(std::string session_id, std::string caller_id, std::string negotiated)
    : id(std::move(session_id)), caller(std::move(caller_id)), version(std::move(negotiated)) {
  announcements_ = add_stream();
}

std::string Session::organization() const {
  std::lock_guard lock(mutex_);
  return organization_;
}

void Session::switch_to(const std::string& organization) {
  std::lock_guard lock(mutex_);
  organization_ = organization;
}

std::shared_ptr<EventStream> Session::add_stream() {
  const int number = ++last_stream_;
  auto stream = std::make_shared<EventStream>(number, version >= first_primed_version);
  streams_.emplace(number, stream);
  if (streams_.size() > most_streams) {
    auto oldest = streams_.begin();
    if (oldest->second == announcements_) ++oldest;  // which somebody still listens to, or will
    oldest->second->close();
    streams_.erase(oldest);
  }
  if (ended_) stream->close();
  return stream;
}

std::shared_ptr<EventStream> Session::open_stream() {
  std::lock_guard lock(mutex_);
  return add_stream();
}

std::shared_ptr<EventReader> Session::listen() {
  std::lock_guard lock(mutex_);
  if (announcements_->was_read()) announcements_ = add_stream();
  return announcements_->read(0);
}

std::shared_ptr<EventReader> Session::resume(std::string_view last_event_id) {
  int stream = 0;
  uint64_t after = 0;
  if (!parse_event_id(last_event_id, stream, after)) return nullptr;
  std::lock_guard lock(mutex_);
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second->read(after);
}

void Session::notify(std::string message) {
  std::lock_guard lock(mutex_);
  announcements_->send(std::move(message));
}

bool Session::begin_call(const std::string& request_id, const Cancellation& cancellation) {
  std::lock_guard lock(mutex_);
  return !ended_ && calls_.emplace(request_id, cancellation).second;
}

void Session::end_call(const std::string& request_id) {
  std::lock_guard lock(mutex_);
  calls_.erase(request_id);
}

void Session::cancel_call(const std::string& request_id) {
  std::lock_guard lock(mutex_);
  if (const auto call = calls_.find(request_id); call != calls_.end()) call->second.cancel();
}

void Session::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  for (auto& [request_id, cancellation] : calls_) cancellation.cancel();
  for (auto& [number, stream] : streams_) stream->close();
}

std::shared_ptr<Session> Sessions::begin(const std::string& caller, const std::string& version) {
  auto session = std::make_shared<Session>(random_text(32), caller, version);
  std::lock_guard lock(mutex_);
  if (sessions_.size() >= most_sessions) {
    const auto oldest =
        std::min_element(sessions_.begin(), sessions_.end(),
                         [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    oldest->second.session->end();
    sessions_.erase(oldest);
  }
  sessions_.emplace(session->id, Entry{session, std::chrono::steady_clock::now()});
  return session;
}

std::shared_ptr<Session> Sessions::find(const std::string& id, const std::string& caller) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.session->caller != caller) return nullptr;
  found->second.used = std::chrono::steady_clock::now();
  return found->second.session;
}

void Sessions::end(const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second.session->end();
  sessions_.erase(found);
}

void Sessions::end_all() {
  std::lock_guard lock(mutex_);
  for (auto& [id, entry] : sessions_) entry.session->end();
  sessions_.clear();
}

}  // namespace clickflow::sandbox
