#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/http/client.h"

namespace clickflow::testing {

struct Answer {
  int status = 200;
  std::string body;
  http::Headers headers;
  std::optional<Error> failure;  ///< instead of an answer
};

/// A client without a network: answers are set beforehand, and what was asked can be read afterwards, to the
/// byte. Any thread may call.
class FakeHttp : public http::Client {
 public:
  using Handler = std::function<Answer(const http::Request&)>;

  /// `request` is a method and a URL, "GET https://example.com/". Several answers come one after the other,
  /// the last for ever. What has none gets 404.
  void answer(const std::string& request, Answer answer);
  /// Answers every request for this URL, whatever its method.
  void handle(const std::string& url, Handler handler);

  /// Methods and URLs, in order.
  std::vector<std::string> asked() const;
  /// Request line, header fields, blank line and body of the n-th request.
  std::string request(size_t n) const;
  size_t count(const std::string& request) const;

  Result<void> send(const http::Request& request, http::Receiver& receiver,
                    const Cancellation& cancellation) override;

 private:
  struct Answers {
    std::vector<Answer> list;
    size_t next = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Answers> answers_;
  std::map<std::string, Handler> handlers_;
  std::vector<http::Request> requests_;
};

}  // namespace clickflow::testing
