#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/http/client.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// What becomes of one request: a response, piece by piece, that may break off.
struct Played {
  int status = 200;
  http::Headers headers;
  std::vector<std::string> pieces;
  /// Comes after the pieces; where there is no status, in place of a response.
  std::optional<Error> failure;

  static Played json(std::string body, http::Headers more = {});
  static Played stream(std::vector<std::string> pieces);
  static Played nothing(int status) { return {status, {}, {}, {}}; }
  static Played broken(ErrorCode code) { return {0, {}, {}, Error{code, "It broke.", "Mend it."}}; }

  Played with(std::string name, std::string value) &&;
  /// Breaks off after what there is.
  Played then(ErrorCode code) &&;
};

/// An event of a stream, as a server writes it.
std::string sse_event(const std::string& data, const std::string& id = {});

/// An http::Client without a network. The handler runs in the calling thread and may block. Any thread.
class ScriptedClient : public http::Client {
 public:
  using Handler = std::function<Played(const http::Request&, const Cancellation&)>;

  explicit ScriptedClient(Handler handler) : handler_(std::move(handler)) {}

  Result<void> send(const http::Request& request, http::Receiver& receiver,
                    const Cancellation& cancellation) override;

  std::vector<http::Request> requests() const;
  bool wait_for_requests(size_t count, std::chrono::milliseconds limit = patience);

 private:
  const Handler handler_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<http::Request> requests_;
};

}  // namespace clickflow::testing
