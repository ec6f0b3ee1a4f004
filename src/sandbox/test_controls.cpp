#include "clickflow/sandbox/test_controls.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {
namespace {

constexpr int longest_delay_ms = 10000;

bool is_true(const Json& orders, const char* name) {
  const Json value = member(orders, name);
  if (!value.is_null() && !value.is_boolean())
    throw std::invalid_argument(std::string(name) + " must be true");
  return value == true;
}

void check_names(const Json& orders) {
  constexpr const char* known[] = {"fail_token_endpoint", "delay_token_endpoint_ms", "expire_access_tokens",
                                   "forget_clients", "revoke_family"};
  if (!orders.is_object()) throw std::invalid_argument("the body must be a JSON object");
  for (const auto& [name, value] : orders.items()) {
    if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
      throw std::invalid_argument("there is no \"" + name + "\"");
    }
  }
}

}  // namespace

Reply TestControls::handle(const Request& request) {
  if (!enabled_) return detail_reply(404, "Start the sandbox with --test-controls to use this.");
  if (request.method != "POST") return detail_reply(405, "Method Not Allowed");
  // A page in a browser can't send this type without asking first, and nobody answers that.
  if (!request.header("content-type").starts_with("application/json")) {
    return detail_reply(415, "Content-Type must be application/json");
  }
  try {
    apply(parse_json(request.body));
  } catch (const std::exception& e) {
    return detail_reply(400, e.what());
  }
  return json_reply("{}");
}

void TestControls::apply(const Json& orders) {
  check_names(orders);
  if (const Json wanted = member(orders, "fail_token_endpoint"); !wanted.is_null()) {
    Failure failure;
    failure.times = wanted.at("times");
    failure.status = wanted.at("status");
    if (wanted.contains("retry_after")) failure.retry_after = wanted.at("retry_after").get<int>();
    failure.error = wanted.value("error", failure.error);
    if (failure.status < 400 || failure.status > 599)
      throw std::invalid_argument("status must be 400 to 599");
    std::lock_guard guard(mutex_);
    failure_ = failure;
  }
  if (const Json wanted = member(orders, "delay_token_endpoint_ms"); !wanted.is_null()) {
    std::lock_guard guard(mutex_);
    delay_ = std::chrono::milliseconds(std::clamp(wanted.get<int>(), 0, longest_delay_ms));
  }
  const bool expire = is_true(orders, "expire_access_tokens");
  const bool forget = is_true(orders, "forget_clients");
  const Json family = member(orders, "revoke_family");
  const auto changed = ledger_.change([&](LedgerBook& book) {
    if (expire) {
      for (auto& grant : book.grants) grant.access.clear();
    }
    if (forget) book.clients.clear();
    if (family == true) book.grants.clear();
    if (family.is_string()) book.end_grant(family.get<std::string>());
    return true;
  });
  if (!changed) throw std::runtime_error(changed.error().message());
}

std::optional<Reply> TestControls::token_failure() {
  std::lock_guard guard(mutex_);
  if (failure_.times <= 0) return std::nullopt;
  --failure_.times;
  Reply reply = oauth_error({failure_.status, failure_.error, "A test ordered this failure."});
  if (failure_.retry_after) reply.headers.emplace_back("Retry-After", std::to_string(*failure_.retry_after));
  return reply;
}

void TestControls::delay_token_answer() {
  int milliseconds = 0;
  {
    std::lock_guard guard(mutex_);
    milliseconds = static_cast<int>(delay_.count());
  }
  if (milliseconds > 0) stopping_.sleep(milliseconds);
}

}  // namespace clickflow::sandbox
