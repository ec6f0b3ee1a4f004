#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/mcp/message.h"

namespace clickflow::bridge::modern_host {

/// Something that a server wants to know of the host while it carries out a call: a request in legacy
/// revisions, an entry of `inputRequests` in modern ones.
struct Question {
  std::string id;  ///< under which the server waits for the answer, as JSON
  std::string method;
  std::string params;  ///< JSON; empty where there are none
};

/// True for what a modern server may ask of a host.
bool is_question(std::string_view method);

Question question_of(const mcp::Message& request);

/// Why a host that declared these capabilities (JSON) can't be asked this, as the server has to hear it;
/// nothing if it can.
struct Refusal {
  mcp::ErrorNumber code;
  std::string what;
};
std::optional<Refusal> refuse(std::string_view capabilities, const Question& question);
/// True if the host takes links (2026-07-28, "Elicitation", Capabilities).
bool takes_links(std::string_view capabilities);

/// The URL elicitations in an error that a legacy server answers with when it wants them done first
/// (2025-11-25, "Elicitation", URL Elicitation Required Error). Nothing for another error; empty where the
/// server names none.
std::optional<std::vector<Question>> required_links(std::string_view error);

/// As an entry of `inputRequests`.
std::string input_request(const Question& question);

}  // namespace clickflow::bridge::modern_host
