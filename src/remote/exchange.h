#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "clickflow/remote/remote.h"
#include "clickflow/remote/streamable_http_settings.h"
#include "reply.h"

/// What the eras' Streamable HTTP have in common around one exchange.
namespace clickflow::remote {

http::Request make_post(const StreamableHttpSettings& settings, const mcp::Message& message);

/// Lets nothing but the connection take longer than `most`.
void limit(http::Limits& limits, std::chrono::milliseconds most);

/// Passes everything on, and shows `see` the response before.
struct Watched : Receiver {
  using See = std::function<void(const mcp::Message& response)>;
  Watched(Receiver& the_next, See the_see) : next(the_next), see(std::move(the_see)) {}
  void on_message(mcp::Message message) override {
    if (message.is_response()) see(message);
    next.on_message(std::move(message));
  }
  Receiver& next;
  const See see;
};

/// `response` under the id of `request`, which went out as `sent_as` (JSON). An error without an id is about
/// it as well: it is the only request in its exchange. Nothing, and a warning, for any other response.
std::optional<mcp::Message> answer_to(const mcp::Message& request, std::string_view sent_as,
                                      mcp::Message response);

/// Why an exchange that is over brought no answer to `request`.
Error why_unanswered(const mcp::Message& request, const Result<void>& sent, const Reply& reply,
                     const Url& endpoint, const Cancellation& cancellation);

}  // namespace clickflow::remote
