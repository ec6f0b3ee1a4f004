#include "support/fake_http.h"

#include <algorithm>

namespace clickflow::testing {
namespace {

std::string line(const http::Request& request) {
  return request.method + " " + request.url.to_string();
}

}  // namespace

void FakeHttp::answer(const std::string& request, Answer answer) {
  std::lock_guard lock(mutex_);
  answers_[request].list.push_back(std::move(answer));
}

void FakeHttp::handle(const std::string& url, Handler handler) {
  std::lock_guard lock(mutex_);
  handlers_[url] = std::move(handler);
}

std::vector<std::string> FakeHttp::asked() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& request : requests_) lines.push_back(line(request));
  return lines;
}

std::string FakeHttp::request(size_t n) const {
  std::lock_guard lock(mutex_);
  const auto& request = requests_.at(n);
  std::string text = line(request) + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  if (!request.content_type.empty()) text += "Content-Type: " + request.content_type + "\n";
  return text + "\n" + request.body;
}

size_t FakeHttp::count(const std::string& request) const {
  const auto lines = asked();
  return static_cast<size_t>(std::count(lines.begin(), lines.end(), request));
}

Result<void> FakeHttp::send(const http::Request& request, http::Receiver& receiver,
                            const Cancellation& cancellation) {
  if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  Handler handler;
  Answer answer{.status = 404, .body = {}, .headers = {}, .failure = {}};
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (const auto found = handlers_.find(request.url.to_string()); found != handlers_.end()) {
      handler = found->second;
    } else if (const auto answers = answers_.find(line(request)); answers != answers_.end()) {
      auto& [list, next] = answers->second;
      answer = list[std::min(next++, list.size() - 1)];
    }
  }
  if (handler) answer = handler(request);
  if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  if (answer.failure) return tl::make_unexpected(*answer.failure);
  if (!receiver.on_head({answer.status, answer.headers}))
    return fail(ErrorCode::cancelled, "The rest of the answer was not wanted.", "");
  if (!answer.body.empty() && receiver.on_body(answer.body) == http::Next::stop)
    return fail(ErrorCode::cancelled, "The rest of the answer was not wanted.", "");
  return {};
}

}  // namespace clickflow::testing
