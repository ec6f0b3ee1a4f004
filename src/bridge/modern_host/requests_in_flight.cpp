#include "requests_in_flight.h"

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "translation.h"

namespace clickflow::bridge::modern_host {

namespace json = mcp::json;

RequestsInFlight::Entry::Entry(RequestsInFlight& all, std::string_view id)
    : all_(all), key_(mcp::id_key(id)) {
  std::lock_guard lock(all_.mutex_);
  all_.states_[key_] = state_;
}

RequestsInFlight::Entry::~Entry() {
  std::lock_guard lock(all_.mutex_);
  const auto found = all_.states_.find(key_);
  if (found != all_.states_.end() && found->second == state_) all_.states_.erase(found);
}

bool RequestsInFlight::Entry::sending(std::shared_ptr<LegacySession> session, std::string remote_id) {
  std::lock_guard lock(all_.mutex_);
  if (state_->cancelled) return false;
  state_->session = std::move(session);
  state_->remote_id = std::move(remote_id);
  return true;
}

void RequestsInFlight::Entry::cancelled() {
  all_.tell(*state_, "{}");
}

void RequestsInFlight::cancel(const mcp::Message& notification) {
  const auto id = notification.param("requestId");
  if (!json::is_string(id) && !json::is_number(id)) return;
  std::shared_ptr<State> state;
  {
    std::lock_guard lock(mutex_);
    const auto found = states_.find(mcp::id_key(id));
    if (found == states_.end()) return;
    state = found->second;
    state->cancelled = true;
  }
  tell(*state, legacy_params(notification));
}

// `params` is what the server is told beside the id.
void RequestsInFlight::tell(State& state, std::string_view params) {
  std::shared_ptr<LegacySession> session;
  std::string remote_id;
  {
    std::lock_guard lock(mutex_);
    if (!state.session || std::exchange(state.told, true)) return;
    session = state.session;
    remote_id = state.remote_id;
  }
  session->tell(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":)" +
                json::with_member(params, "requestId", remote_id) + '}');
}

}  // namespace clickflow::bridge::modern_host
