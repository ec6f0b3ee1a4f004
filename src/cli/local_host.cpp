#include "clickflow/cli/local_host.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "clickflow/cli/commands.h"
#include "clickflow/cli/output.h"
#include "clickflow/mcp/json.h"

namespace clickflow::cli {
namespace {

// The newest revision with a handshake; a server that knows an older one answers with it.
constexpr std::string_view handshake =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"clickflow-mcp","title":"clickflow-mcp on the command line","version":")" CLICKFLOW_VERSION
    R"("}})";

// No model reads what fails.
bridge::BridgeSettings for_commands(bridge::BridgeSettings settings) {
  settings.failures_are_results = false;
  return settings;
}

}  // namespace

// Both directions of the channel, in memory.
class LocalHost::Pipe : public bridge::Channel {
 public:
  Read read(std::string& line) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !to_bridge_.empty(); });
    if (to_bridge_.empty()) return Read::end;
    line = std::move(to_bridge_.front());
    to_bridge_.pop_front();
    return Read::line;
  }
  bool write(std::initializer_list<std::string_view> pieces) override {
    std::string line;
    for (auto piece : pieces) line += piece;
    std::lock_guard lock(mutex_);
    to_host_.push_back(std::move(line));
    changed_.notify_all();
    return true;
  }
  void interrupt() override {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  void send(std::string line) {
    std::lock_guard lock(mutex_);
    to_bridge_.push_back(std::move(line));
    changed_.notify_all();
  }
  // The bridge answers each request within its limits, so this needs none.
  std::string receive() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !to_host_.empty(); });
    std::string line = std::move(to_host_.front());
    to_host_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> to_bridge_;
  std::deque<std::string> to_host_;
  bool closed_ = false;
};

LocalHost::LocalHost(remote::Remote& remote, bridge::BridgeSettings settings)
    : pipe_(std::make_unique<Pipe>()),
      bridge_(*pipe_, remote, for_commands(std::move(settings))),
      thread_([this] { ended_well_ = bridge_.run(); }) {}

LocalHost::~LocalHost() {
  if (thread_.joinable()) end(Exit::failure);
}

int LocalHost::end(int status) {
  pipe_->interrupt();
  thread_.join();
  if (!ended_well_) {
    std::_Exit(after_output(status));
  }
  return status;
}

Result<std::string> LocalHost::initialize() {
  auto result = request("initialize", handshake);
  if (result) pipe_->send(mcp::make_notification("notifications/initialized"));
  return result;
}

Result<std::string> LocalHost::request(std::string_view method, std::string_view params,
                                       const OnNotification& on_notification) {
  const std::string id = std::to_string(++last_id_);
  pipe_->send(mcp::make_request(id, method, params));
  for (;;) {
    const auto message = mcp::Message::parse(pipe_->receive());
    if (!message) continue;
    if (message->is_response() && mcp::same_id(message->id(), id)) {
      if (!message->result().empty()) return std::string(message->result());
      const auto words = mcp::json::member(message->error(), "message");
      const bool in_params = mcp::is_error(message->error(), mcp::invalid_params);
      return fail(
          in_params ? ErrorCode::invalid_input : ErrorCode::rejected,
          words && mcp::json::is_string(*words) ? mcp::json::decode(*words) : std::string(message->error()),
          "");
    }
    if (message->is_request()) {
      // No capability was declared, so none of these should come.
      pipe_->send(mcp::make_error(message->id(), mcp::method_not_found, "The command line can't do this."));
    } else if (on_notification) {
      on_notification(*message);
    }
  }
}

}  // namespace clickflow::cli
