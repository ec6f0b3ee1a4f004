#pragma once

#include <string>
#include <string_view>

#include "clickflow/sandbox/json.h"

/// Responses of 2026-07-28: every result says of which type it is and who gives it. `id` is JSON.
namespace clickflow::sandbox {

std::string complete(std::string_view id, const Json& result);

/// A result that a client may keep for `ttl_ms`, for itself alone or (`is_public`) for everybody.
std::string cacheable(std::string_view id, Json result, int ttl_ms, bool is_public);

/// `requests` is a map of questions.
std::string input_required(std::string_view id, const Json& requests, const std::string& state);

/// Ends the subscription that this request has opened.
std::string subscription_end(std::string_view id);

/// A notification on that subscription's stream.
std::string subscription_notification(std::string_view id, std::string_view method, const Json& params);

}  // namespace clickflow::sandbox
