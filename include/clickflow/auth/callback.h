#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"

namespace clickflow::auth {

/// What was recorded before the browser was sent away, from metadata that had been validated.
struct ExpectedCallback {
  std::string state;
  std::string issuer;
  bool iss_required = false;  ///< the server advertises `iss` (RFC 9207)
};

struct CallbackFailure {
  enum class Kind {
    foreign,       ///< Not the answer to our request: whoever waits goes on waiting.
    wrong_issuer,  ///< Another server's answer, or one that hides whose it is. Nothing in it counts.
    declined,      ///< The person, or a rule, said no.
    failed,        ///< The server could not do it.
  };
  Kind kind;
  Error error;
  bool client_unknown = false;  ///< the server does not know the client that asked
};

/// True if `query` has our state, once; compared in constant time. To be asked before anything else in it is
/// read.
bool has_state(std::string_view query, std::string_view state);

/// The authorization code in a callback's query (without "?"). The checks come in this order: `state`; `iss`,
/// compared character for character, and refused where it is promised and absent (RFC 9207, section 2.4); and
/// only then `error` or `code`. Nothing of the query's text gets into an error.
tl::expected<Secret, CallbackFailure> check_callback(std::string_view query,
                                                     const ExpectedCallback& expected);

/// The query of the address that a person copied out of their browser. `invalid_input` where it has none.
Result<std::string> query_of_pasted_url(std::string_view pasted);

}  // namespace clickflow::auth
