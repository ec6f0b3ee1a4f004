#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clickflow/base/error.h"

namespace clickflow {

/// An absolute http or https URL (RFC 3986), taken apart. Scheme and host are lower case; a fragment and user
/// information are refused, since neither has a place in any URL that this program uses.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< without the brackets of an IPv6 address
  uint16_t port = 0;   ///< the scheme's default where none was written
  std::string target;  ///< path and query as they were written, "/" at least

  /// `invalid_input` for anything else, control characters and white space included.
  static Result<Url> parse(std::string_view text);

  /// `scheme://host[:port]`, the port only where it is not the scheme's default (RFC 6454, section 6.2).
  std::string origin() const;
  std::string to_string() const { return origin() + target; }
  /// The target up to `?`.
  std::string_view path() const;
  /// `localhost`, an address in 127.0.0.0/8, or ::1. Names are not looked up.
  bool is_loopback() const;
  bool is_https() const { return scheme == "https"; }
  /// The same origin with another target, which begins with "/".
  Url with_target(std::string new_target) const;
};

}  // namespace clickflow
