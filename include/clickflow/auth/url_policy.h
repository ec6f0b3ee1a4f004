#pragma once

#include <string_view>

#include "clickflow/base/error.h"
#include "clickflow/base/url.h"

namespace clickflow::auth {

/// How near to this machine a host is, as far as its spelling tells: names are not looked up. (A name that
/// resolves to a private address gets no further than TLS, which such a service has no certificate for.)
enum class Reach { nowhere, loopback, link_local, private_network, everywhere };

/// `nowhere` for what is no host one may speak to: multicast and reserved addresses, and addresses in a
/// disguise (octal, hexadecimal, fewer than four parts).
Reach reach_of(std::string_view host);

/// Which URLs out of a server's documents may be used. A server must not be able to point this program into
/// a network that it could not reach itself (RFC 9728, section 7.7).
class UrlPolicy {
 public:
  /// The MCP endpoint, which the person chose, is the measure.
  explicit UrlPolicy(const Url& endpoint);

  /// https, or http on loopback where the endpoint is there too; never nearer than the endpoint itself.
  /// Otherwise `protocol`, in words that call the URL `name`.
  Result<Url> accept(std::string_view text, std::string_view name) const;

 private:
  Reach nearest_;
};

/// True if whoever speaks for one of these hosts can be taken to speak for the other: the same host, or two
/// names with the same last two labels.
bool same_site(const Url& a, const Url& b);

}  // namespace clickflow::auth
