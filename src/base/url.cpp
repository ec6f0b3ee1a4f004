#include "clickflow/base/url.h"

#include <algorithm>
#include <charconv>

#include "clickflow/base/ascii.h"
#include "clickflow/base/ipv4.h"

namespace clickflow {
namespace {

bool is_host_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

bool is_address_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::invalid_input, "The URL " + std::string(why) + ".",
              "Give it in full, as in https://api.clickflow.com/v1/mcp.");
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    return refuse("has a space, a control character or a character outside ASCII");
  }
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return refuse("does not begin with https:// or http://");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return refuse("does not begin with https:// or http://");

  text.remove_prefix(colon + 3);
  const size_t slash = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, slash);
  url.target = text.substr(slash);
  if (url.target.find('#') != std::string::npos) return refuse("has a fragment (#)");
  if (url.target.empty() || url.target[0] == '?') url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return refuse("has a user name or password in it");

  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return refuse("has an address without its closing bracket");
    url.host = lower(authority.substr(1, bracket - 1));
    if (url.host.find(':') == std::string::npos ||
        !std::all_of(url.host.begin(), url.host.end(), is_address_char))
      return refuse("has no valid IPv6 address");
    authority.remove_prefix(bracket + 1);
    if (!authority.empty() && authority[0] != ':') return refuse("has no valid port");
    port = authority.empty() ? authority : authority.substr(1);
  } else {
    const size_t separator = std::min(authority.find(':'), authority.size());
    url.host = lower(authority.substr(0, separator));
    if (!std::all_of(url.host.begin(), url.host.end(), is_host_char)) return refuse("has no valid host name");
    port = separator < authority.size() ? authority.substr(separator + 1) : std::string_view();
  }
  if (url.host.empty()) return refuse("has no host name");

  url.port = default_port(url.scheme);
  if (!port.empty()) {
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (failure != std::errc() || end != port.data() + port.size() || url.port == 0)
      return refuse("has no valid port");
  }
  return url;
}

std::string Url::origin() const {
  std::string result = scheme + "://";
  result += host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) result += ":" + std::to_string(port);
  return result;
}

std::string_view Url::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

bool Url::is_loopback() const {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && parse_ipv4(host));
}

Url Url::with_target(std::string new_target) const {
  Url copy = *this;
  copy.target = std::move(new_target);
  return copy;
}

}  // namespace clickflow
