#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clickflow::mcp {

/// A server's question to the person, the model or the host: a request of its own in legacy revisions, an
/// entry of `inputRequests` in modern ones (2026-07-28, "Multi Round-Trip Requests").
struct InputRequest {
  std::string key;  ///< the server's name for it, in its quotes; modern revisions only
  std::string method;
  std::string params;  ///< JSON; empty where there are none
};

/// True for the requests whose answer may be to ask for input ("Supported Requests").
bool may_ask_for_input(std::string_view method);

/// A result that asks for input: `requests` is JSON, and `state` comes back with the answers.
std::string make_input_required(std::string_view requests, std::string_view state);

/// True for a result that asks for input.
bool is_input_required(std::string_view result);

/// The questions in such a result, in its order. What is no request is left out.
std::vector<InputRequest> input_requests_in(std::string_view result);

/// True if a host that declared these capabilities (JSON, of either era) takes such a question: a server must
/// ask nothing else. `elicitation` that names no mode means forms.
bool is_taken_by(std::string_view capabilities, std::string_view method, std::string_view params);

}  // namespace clickflow::mcp
