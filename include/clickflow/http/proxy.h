#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"
#include "clickflow/base/url.h"

namespace clickflow::http {

struct Proxy {
  std::string host;
  uint16_t port = 0;
  std::string user;
  Secret password;
};

/// Which proxy stands between us and a URL.
class ProxySettings {
 public:
  ProxySettings() = default;

  /// From HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, the lower one first. HTTP_PROXY in capitals is
  /// ignored where REQUEST_METHOD is set: a web server would have put a client's header there
  /// (CVE-2016-5385). `explicit_proxy`, where given, takes the place of the first two. `invalid_input` where
  /// that can't be read; a variable that can't is told by for_url().
  static Result<ProxySettings> from_environment(const std::optional<std::string>& explicit_proxy);

  /// Null for a direct connection: always so for loopback. `invalid_input` where the variable of the proxy
  /// that it would take can't be read. NO_PROXY's entries are `*`, a host, a domain
  /// (which covers what is under it, with or without a leading dot), an address, an IPv4 range (10.0.0.0/8),
  /// any of the names with a port.
  Result<const Proxy*> for_url(const Url& url) const;

 private:
  std::optional<Result<Proxy>> https_;
  std::optional<Result<Proxy>> http_;
  std::vector<std::string> direct_;
};

}  // namespace clickflow::http
