#pragma once

#include <string>
#include <tl/expected.hpp>

#include "clickflow/base/error.h"

namespace clickflow::sandbox {

/// A refusal as clients read it (RFC 6749, section 5.2).
struct OAuthError {
  int status = 400;
  std::string code;         ///< `invalid_grant` and the like
  std::string description;  ///< a sentence for whoever writes the client
};

template <class T>
using OAuthResult = tl::expected<T, OAuthError>;

inline tl::unexpected<OAuthError> refuse(std::string code, std::string description, int status = 400) {
  return tl::make_unexpected(OAuthError{status, std::move(code), std::move(description)});
}

/// What went wrong inside is no fault of the client.
inline tl::unexpected<OAuthError> server_error(const Error& error) {
  return refuse("server_error", error.message(), 500);
}

}  // namespace clickflow::sandbox
