#include "clickflow/http/proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <tuple>

#include "clickflow/base/ascii.h"
#include "clickflow/base/ipv4.h"
#include "clickflow/http/headers.h"

namespace clickflow::http {
namespace {

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      result += static_cast<char>(value);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string environment(const char* lower, const char* upper) {
  for (const char* name : {lower, upper}) {
    if (!name) continue;
    if (const char* value = std::getenv(name); value && *value) return value;
  }
  return {};
}

// http://[user[:password]@]host[:port]; the scheme may be missing, as curl allows.
Result<Proxy> parse_proxy(std::string_view text) {
  const std::string remedy = "Write it as http://host:port or http://user:password@host:port.";
  const size_t scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos && !equal_without_case(text.substr(0, scheme_end), "http")) {
    return fail(ErrorCode::invalid_input, "The proxy setting names a kind of proxy that is not supported.",
                remedy);
  }
  if (scheme_end != std::string_view::npos) text.remove_prefix(scheme_end + 3);
  Proxy proxy;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = text.substr(0, at);
    const size_t colon = std::min(login.find(':'), login.size());
    proxy.user = percent_decoded(login.substr(0, colon));
    if (colon < login.size()) proxy.password = Secret(percent_decoded(login.substr(colon + 1)));
    text.remove_prefix(at + 1);
  }
  const auto url = Url::parse("http://" + std::string(text));
  if (!url) return fail(ErrorCode::invalid_input, "The proxy setting can't be read.", remedy);
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

bool in_range(std::string_view host, std::string_view range) {
  const size_t slash = range.find('/');
  unsigned bits = 33;
  std::from_chars(range.data() + slash + 1, range.data() + range.size(), bits);
  const auto address = parse_ipv4(host);
  const auto network = parse_ipv4(range.substr(0, slash));
  if (!address || !network || bits > 32) return false;
  const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
  return (*address & mask) == (*network & mask);
}

bool matches(const Url& url, std::string_view entry) {
  if (entry == "*") return true;
  if (entry.find('/') != std::string_view::npos) return in_range(url.host, entry);
  if (entry.starts_with('[')) {
    const size_t bracket = entry.find(']');
    if (bracket == std::string_view::npos) return false;
    if (entry.size() > bracket + 1 && entry.substr(bracket + 2) != std::to_string(url.port)) return false;
    return url.host == entry.substr(1, bracket - 1);
  }
  if (const size_t colon = entry.find(':'); colon != std::string_view::npos && colon == entry.rfind(':')) {
    if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty()) return false;
  const std::string_view host = url.host;
  return host == entry ||
         (host.size() > entry.size() && host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.');
}

}  // namespace

Result<ProxySettings> ProxySettings::from_environment(const std::optional<std::string>& explicit_proxy) {
  ProxySettings settings;
  const char* http_upper = std::getenv("REQUEST_METHOD") ? nullptr : "HTTP_PROXY";
  const std::array sources{
      std::tuple("HTTPS_PROXY", explicit_proxy.value_or(environment("https_proxy", "HTTPS_PROXY")),
                 &settings.https_),
      std::tuple("HTTP_PROXY", explicit_proxy.value_or(environment("http_proxy", http_upper)),
                 &settings.http_)};
  for (const auto& [variable, text, target] : sources) {
    if (text.empty()) continue;
    auto proxy = parse_proxy(text);
    if (!proxy && explicit_proxy) return tl::make_unexpected(proxy.error());
    if (!proxy) proxy.error().what.insert(0, std::string(variable) + ": ");
    *target = std::move(proxy);
  }
  std::string entry;
  for (char c : environment("no_proxy", "NO_PROXY") + ",") {
    if (c == ',' || c == ' ') {
      if (!entry.empty()) settings.direct_.push_back(std::move(entry));
      entry.clear();
    } else {
      entry += lower(c);
    }
  }
  return settings;
}

Result<const Proxy*> ProxySettings::for_url(const Url& url) const {
  const auto& proxy = url.is_https() ? https_ : http_;
  if (!proxy || url.is_loopback()) return nullptr;
  const bool direct =
      std::any_of(direct_.begin(), direct_.end(), [&](const auto& entry) { return matches(url, entry); });
  if (direct) return nullptr;
  if (!*proxy) return tl::make_unexpected(proxy->error());
  return &**proxy;
}

}  // namespace clickflow::http
