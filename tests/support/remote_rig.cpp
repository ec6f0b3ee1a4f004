#include "support/remote_rig.h"

#include <algorithm>

namespace clickflow::testing {

Played SessionServer::operator()(const http::Request& request, const Cancellation& cancellation) {
  const std::string session = header(request, "Mcp-Session-Id");
  if (request.method == "GET") return on_get ? on_get(request, cancellation) : Played::nothing(405);
  if (request.method == "DELETE") {
    note(session + " DELETE");
    return Played::nothing(farewell);
  }
  const auto said = message(request.body);
  if (said.method() == "initialize") {
    note(session + " initialize");
    if (on_initialize) {
      if (auto played = on_initialize(said)) return std::move(*played);
    }
    auto played = Played::json(mcp::make_result(
        said.id(), R"({"protocolVersion":")" + version + R"(","capabilities":{},"serverInfo":{}})"));
    if (!has_sessions) return played;
    std::lock_guard lock(mutex_);
    const std::string made = "session-" + std::to_string(++made_);
    sessions_.insert(made);
    return std::move(played).with("Mcp-Session-Id", made);
  }
  {
    std::lock_guard lock(mutex_);
    if (has_sessions && !sessions_.contains(session)) return Played::nothing(404);
  }
  note(session + " " + (said.is_response() ? "response" : said.method()));
  if (!said.is_request()) return Played::nothing(202);
  if (on_request) return on_request(request, said, cancellation);
  return Played::json(mcp::make_result(said.id(), "\"" + session + " " + said.method() + "\""));
}

void SessionServer::lose_sessions() {
  std::lock_guard lock(mutex_);
  sessions_.clear();
}

std::vector<std::string> SessionServer::log() const {
  std::lock_guard lock(mutex_);
  return log_;
}

size_t SessionServer::count(const std::string& entry) const {
  const auto entries = log();
  return static_cast<size_t>(std::count(entries.begin(), entries.end(), entry));
}

void SessionServer::note(const std::string& entry) {
  std::lock_guard lock(mutex_);
  log_.push_back(entry);
}

Result<std::string> RemoteRig::ask(const mcp::Message& request, const Cancellation& cancellation) {
  Collected answers;
  const auto sent = remote.send(request, answers, {cancellation, false, {}});
  if (!sent) return tl::make_unexpected(sent.error());
  if (answers.messages.size() != 1) return "answers: " + std::to_string(answers.messages.size());
  return answers.messages[0];
}

void RemoteRig::greet() {
  const auto greeted = ask(request("0", "initialize", R"({"protocolVersion":"2025-11-25"})"));
  if (!greeted) throw std::runtime_error(greeted.error().message());
  if (const auto sent = send(notification("notifications/initialized")); !sent)
    throw std::runtime_error(sent.error().message());
}

}  // namespace clickflow::testing
