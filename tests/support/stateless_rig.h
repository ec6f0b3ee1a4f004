#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/remote/stateless_http.h"
#include "support/messages.h"
#include "support/remote_rig.h"
#include "support/scripted_client.h"
#include "support/scripted_tokens.h"

namespace clickflow::testing {

inline const std::string modern_meta =
    R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"host","version":"1"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

/// `params` are the members beside `_meta`, with a comma in front.
inline mcp::Message modern_request(const std::string& id, const std::string& method,
                                   const std::string& params = {}) {
  return request(id, method, R"({"_meta":)" + modern_meta + params + "}");
}

/// A tool for an answer to tools/list, with such properties.
inline std::string tool(const std::string& name, const std::string& properties = "{}") {
  return R"({"name":")" + name + R"(","inputSchema":{"type":"object","properties":)" + properties + "}}";
}
inline std::string tool_list(const std::string& tools, const std::string& next_cursor = {}) {
  return R"({"resultType":"complete","tools":[)" + tools + "]" +
         (next_cursor.empty() ? "" : R"(,"nextCursor":")" + next_cursor + "\"") + "}";
}

/// A modern remote down to a client without a network.
struct StatelessRig {
  using Handler = std::function<Played(const http::Request&, const mcp::Message&, const Cancellation&)>;

  explicit StatelessRig(http::Limits limits = {}, size_t max_message = 1024 * 1024)
      : remote(authorized, {endpoint, {{"X-Organization-Id", "org_abc"}}, limits, max_message, last_switch}) {
  }

  /// A request with its own receiver: its answer's text, or the failure.
  Result<std::string> ask(const mcp::Message& request, const Cancellation& cancellation = {}) {
    Collected answers;
    const auto sent = remote.send(request, answers, {cancellation, false, {}});
    if (!sent) return tl::make_unexpected(sent.error());
    if (answers.messages.size() != 1) return "answers: " + std::to_string(answers.messages.size());
    return answers.messages[0];
  }

  /// The methods of what was sent, in order.
  std::vector<std::string> methods() const {
    std::vector<std::string> methods;
    for (const auto& sent : http.requests()) methods.push_back(message(sent.body).method());
    return methods;
  }

  const std::shared_ptr<remote::LastSwitch> last_switch =
      std::make_shared<remote::LastSwitch>("switch", "The switch");
  /// By default, a list of tools is empty and any other answer names the request's method.
  Handler on_request = [](const http::Request&, const mcp::Message& said, const Cancellation&) {
    return Played::json(mcp::make_result(
        said.id(), said.method() == "tools/list" ? tool_list("") : "\"" + said.method() + "\""));
  };
  ScriptedClient http{[this](const http::Request& request, const Cancellation& cancellation) {
    return on_request(request, message(request.body), cancellation);
  }};
  ScriptedTokens tokens{{"token"}};
  remote::AuthorizedClient authorized{http, tokens, endpoint};
  remote::StatelessHttp remote;
  Collected received;
};

}  // namespace clickflow::testing
