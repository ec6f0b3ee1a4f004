#include "clickflow/remote/host_state.h"

#include "clickflow/mcp/json.h"

namespace clickflow::remote {
namespace {

// A host that subscribes without end must not make us keep it all.
constexpr size_t most_entries = 1000;
constexpr char separator = '\n';  // in no method

std::string key_of(std::string_view method, const mcp::Message& request) {
  return std::string(method) + separator + std::string(request.param("uri"));
}

}  // namespace

void HostState::note(const mcp::Message& said) {
  const auto& method = said.method();
  if (method == "initialize") {
    *this = {};
    initialize_ = said;
  } else if (method == "notifications/initialized") {
    initialized_ = said;
  } else if (method == "resources/unsubscribe") {
    params_.erase(key_of("resources/subscribe", said));
  } else if (method == "resources/subscribe" || method == "logging/setLevel") {
    if (params_.size() < most_entries) params_[key_of(method, said)] = said.params();
  }
}

std::vector<mcp::Message> HostState::requests() const {
  std::vector<mcp::Message> requests;
  for (const auto& [key, params] : params_) {
    const std::string id = "\"clickflow-mcp/again/" + std::to_string(requests.size() + 1) + "\"";
    const std::string method = key.substr(0, key.find(separator));
    requests.push_back(mcp::Message::of(mcp::make_request(id, method, params)));
  }
  return requests;
}

}  // namespace clickflow::remote
