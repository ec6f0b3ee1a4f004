#pragma once

#include "clickflow/http/client.h"

namespace clickflow::auth {

/// Sends a request to an authorization server, or for a metadata document, and collects the answer. All of
/// these are small, and a person may be waiting: 50 s at most pass (10 to connect, 40 for the rest), and 1
/// MiB at most comes.
Result<http::Response> ask(http::Client& http, http::Request request, const Cancellation& cancellation);

/// What the server may be asked again later: 429, 408 and 5xx.
bool is_transient(int status);

}  // namespace clickflow::auth
