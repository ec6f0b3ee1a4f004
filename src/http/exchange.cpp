#include "exchange.h"

#include <algorithm>

namespace clickflow::http {
namespace {

using Clock = std::chrono::steady_clock;

// For the end of a body whose receiver has enough.
constexpr auto last_wait = std::chrono::seconds(1);

}  // namespace

void Exchange::stop(End reason) {
  auto none = End::none;
  if (end_.compare_exchange_strong(none, reason) && sent_) end_connection_();
}

void Exchange::on_deadline() {
  const bool over = limits_.whole && Clock::now() >= sent_at_.load() + *limits_.whole;
  stop(over ? End::whole : heard_ ? End::silence : End::first_byte);
}

void Exchange::before_sending() {
  const bool again = sent_.exchange(true);
  if (again || end_ != End::none) throw Abandoned{};
  sent_at_ = Clock::now();
  wait_for(limits_.first_byte);
}

void Exchange::on_response() {
  heard_ = true;
  wait_for(limits_.silence);
}

void Exchange::on_enough() {
  extend(last_wait);
}

void Exchange::wait_for(std::chrono::milliseconds limit) {
  if (!limits_.whole) return extend(limit);
  const auto left = sent_at_.load() + *limits_.whole - Clock::now();
  extend(std::min(limit, std::chrono::ceil<std::chrono::milliseconds>(left)));
}

Error Exchange::not_finished(const Url& url) const {
  const std::string peer = peer_of(url);
  switch (end()) {
    case End::cancelled:
      return {ErrorCode::cancelled, "The request was cancelled.", ""};
    case End::first_byte:
      return {ErrorCode::timed_out, peer + " did not answer within " + in_words(limits_.first_byte) + ".",
              "Try again later."};
    case End::silence:
      return {ErrorCode::timed_out,
              peer + " fell silent for " + in_words(limits_.silence) + " in the middle of its answer.",
              "Try again later."};
    case End::whole:
      return {ErrorCode::timed_out, peer + " did not finish within " + in_words(*limits_.whole) + ".",
              "Try again later."};
    case End::none:
      break;
  }
  return {ErrorCode::lost, "The connection to " + peer + " broke before its answer was complete.",
          "Try again later."};
}

std::string peer_of(const Url& url) {
  return url.origin().substr(url.scheme.size() + 3);
}

std::string in_words(std::chrono::milliseconds limit) {
  if (limit < std::chrono::seconds(1)) return std::to_string(limit.count()) + " ms";
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()) + " s";
}

}  // namespace clickflow::http
