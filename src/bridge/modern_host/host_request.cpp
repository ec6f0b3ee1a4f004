#include "host_request.h"

#include "clickflow/mcp/request_meta.h"
#include "translation.h"

namespace clickflow::bridge::modern_host {
namespace {

std::string declared_by(const mcp::Message& request) {
  const auto capabilities = mcp::RequestMeta(request).client_capabilities;
  return capabilities.empty() ? "{}" : std::string(capabilities);
}

}  // namespace

HostRequest::HostRequest(const mcp::Message& request, remote::Receiver& receiver,
                         const auth::Occasion& occasion)
    : request_(request),
      receiver_(receiver),
      occasion_(occasion),
      capabilities_(declared_by(request)),
      log_rank_(modern_host::log_rank(mcp::RequestMeta(request).log_level)),
      progress_token_(mcp::RequestMeta(request).progress_token) {}

void HostRequest::result(std::string_view result) const {
  receiver_.on_message(mcp::Message::of(mcp::make_result(request_.id(), result)));
}

void HostRequest::error(mcp::ErrorNumber code, std::string_view what, std::string_view data) const {
  receiver_.on_message(mcp::Message::of(mcp::make_error(request_.id(), code, what, data)));
}

void HostRequest::respond(const mcp::Message& legacy_response) const {
  receiver_.on_message(modern_response(legacy_response, request_));
}

void HostRequest::pass(mcp::Message notification) const {
  if (notification.method() == "notifications/progress") {
    const auto token = notification.param("progressToken");
    if (progress_token_.empty() || token.empty()) return;
    if (token != progress_token_) notification = notification.with(token, progress_token_);
  } else if (notification.method() == "notifications/message") {
    const auto rank = modern_host::log_rank(notification.param("level"));
    if (!log_rank_ || !rank || *rank < *log_rank_) return;
  }
  receiver_.on_message(std::move(notification));
}

}  // namespace clickflow::bridge::modern_host
