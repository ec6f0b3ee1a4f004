#include "support/legacy_server.h"

#include <algorithm>

#include "clickflow/mcp/json.h"
#include "support/messages.h"

namespace clickflow::testing {

namespace json = mcp::json;

void LegacyServer::Call::say(const std::string& text) const {
  receiver_.on_message(message(text));
}

std::string LegacyServer::Call::begin_to_ask(const std::string& method, const std::string& params) const {
  const std::string id = server_.next_id();
  say(request_text(id, method, params));
  return id;
}

std::optional<std::string> LegacyServer::Call::wait_for_answer(const std::string& id) const {
  const Cancellation::Callback wake(occasion.cancellation, [this] {
    std::lock_guard lock(server_.mutex_);
    server_.changed_.notify_all();
  });
  std::unique_lock lock(server_.mutex_);
  const auto answered = [&] { return !server_.answers_[id].empty(); };
  const auto given_up = [&] {
    return occasion.cancellation.cancelled() || server_.is_cancelled(session_, std::string(request.id()));
  };
  server_.changed_.wait_for(lock, patience, [&] { return answered() || given_up(); });
  if (!answered()) return std::nullopt;
  return server_.answers_[id].front();
}

std::string LegacyServer::Call::ask(const std::string& method, const std::string& params) const {
  const auto answer = wait_for_answer(begin_to_ask(method, params));
  if (!answer) return "gone";
  const auto parsed = message(*answer);
  return std::string(parsed.error().empty() ? parsed.result() : parsed.error());
}

void LegacyServer::Call::wait_until_cancelled() const {
  wait_for_answer("\"never asked\"");
}

std::function<std::unique_ptr<remote::Remote>()> LegacyServer::sessions() {
  return [this] {
    std::lock_guard lock(mutex_);
    return std::make_unique<Session>(*this, sessions_++);
  };
}

void LegacyServer::Session::close(std::chrono::milliseconds) {
  std::lock_guard lock(server_.mutex_);
  server_.records_.push_back({number, "close", "close"});
  server_.changed_.notify_all();
}

bool LegacyServer::is_cancelled(const Session& session, const std::string& id) const {
  return std::find(cancelled_.begin(), cancelled_.end(), std::pair(session.number, id)) != cancelled_.end();
}

std::string LegacyServer::next_id() {
  std::lock_guard lock(mutex_);
  return std::to_string(1000 + questions_++);
}

Result<void> LegacyServer::take(Session& session, const mcp::Message& said, remote::Receiver& receiver,
                                const auth::Occasion& occasion) {
  {
    std::lock_guard lock(mutex_);
    records_.push_back({session.number, said.text(), said.method()});
    if (said.is_response()) answers_[std::string(said.id())].push_back(said.text());
    if (said.method() == "notifications/cancelled")
      cancelled_.emplace_back(session.number, said.param("requestId"));
    changed_.notify_all();
  }
  if (!said.is_request()) {
    if (occasion.cancellation.cancelled()) return fail(ErrorCode::cancelled, "Cancelled.", "");
    const auto handler = handlers_.find(said.method());
    if (handler == handlers_.end()) return {};
    const auto answer = handler->second(Call(*this, session, said, receiver, occasion));
    return answer.failure ? Result<void>(tl::make_unexpected(*answer.failure)) : Result<void>();
  }
  Answer answer("{}");
  if (const auto handler = handlers_.find(said.method()); handler != handlers_.end()) {
    answer = handler->second(Call(*this, session, said, receiver, occasion));
  } else if (said.method() == "initialize") {
    answer = R"({"protocolVersion":")" + revision + R"(","capabilities":)" + capabilities +
             R"(,"serverInfo":{"name":"old","version":"1"})" + initialize_more + '}';
  }
  if (answer.failure) return tl::make_unexpected(*answer.failure);
  if (occasion.cancellation.cancelled()) return fail(ErrorCode::cancelled, "Cancelled.", "");
  receiver.on_message(message(answer.error_object.empty()
                                  ? mcp::make_result(said.id(), answer.result)
                                  : mcp::make_error_of(said.id(), answer.error_object)));
  return {};
}

void LegacyServer::listen(Session& session, remote::Receiver& receiver, const Cancellation& cancellation) {
  if (!offers_stream) return;
  const Cancellation::Callback wake(cancellation, [this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  auto& waiting = unasked_[session.number];
  for (;;) {
    changed_.wait(lock, [&] { return !waiting.empty() || cancellation.cancelled(); });
    if (cancellation.cancelled()) return;
    const auto text = waiting.front();
    waiting.pop_front();
    lock.unlock();
    receiver.on_message(message(text));
    lock.lock();
  }
}

void LegacyServer::tell_unasked(size_t session, const std::string& text) {
  std::lock_guard lock(mutex_);
  unasked_[session].push_back(text);
  changed_.notify_all();
}

std::string LegacyServer::ask_unasked(size_t session, const std::string& method, const std::string& params) {
  const std::string id = next_id();
  tell_unasked(session, request_text(id, method, params));
  return id;
}

std::vector<std::string> LegacyServer::texts_of(const std::function<bool(const Record&)>& wanted) const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> texts;
  for (const auto& record : records_) {
    if (wanted(record)) texts.push_back(record.text);
  }
  return texts;
}

std::vector<std::string> LegacyServer::sent() const {
  return texts_of([](const Record&) { return true; });
}

std::vector<std::string> LegacyServer::sent_in(size_t session) const {
  return texts_of([&](const Record& record) { return record.session == session; });
}

std::vector<std::string> LegacyServer::sent(const std::string& method) const {
  return texts_of([&](const Record& record) { return record.method == method; });
}

bool LegacyServer::wait_for_count(const std::string& method, size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] {
    return static_cast<size_t>(std::count_if(records_.begin(), records_.end(), [&](const auto& record) {
             return record.method == method;
           })) >= count;
  });
}

std::optional<std::string> LegacyServer::answer_to(const std::string& id, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, limit, [&] { return !answers_[id].empty(); })) return std::nullopt;
  return answers_[id].front();
}

size_t LegacyServer::answers_to(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = answers_.find(id);
  return found == answers_.end() ? 0 : found->second.size();
}

size_t LegacyServer::session_count() const {
  std::lock_guard lock(mutex_);
  return sessions_;
}

}  // namespace clickflow::testing
