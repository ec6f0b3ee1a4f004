#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/remote/remote.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// A remote without a network: a test says what each method does. Any thread.
class ScriptedRemote : public remote::Remote {
 public:
  using Handler = std::function<Result<void>(const mcp::Message&, remote::Receiver&, const auth::Occasion&)>;

  /// Set before the remote is used. What has no handler is answered with an empty result where it is a
  /// request.
  void on(const std::string& method, Handler handler) { handlers_[method] = std::move(handler); }
  /// A request of that method gets this result (JSON).
  void answer(const std::string& method, std::string result);
  /// Takes the place of waiting until it is cancelled.
  void on_listen(std::function<void(remote::Receiver&, const Cancellation&)> listen) {
    listen_ = std::move(listen);
  }

  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override;

  /// The texts of everything that was sent, in order of its beginning. close() appears as "close".
  std::vector<std::string> sent() const;
  /// How many messages of that method were sent.
  size_t count(const std::string& method) const;
  bool wait_for_count(const std::string& method, size_t count, std::chrono::milliseconds limit = patience);
  int listening() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Handler> handlers_;
  std::function<void(remote::Receiver&, const Cancellation&)> listen_;
  std::vector<std::string> sent_;
  std::map<std::string, size_t> counts_;
  int listening_ = 0;
};

}  // namespace clickflow::testing
