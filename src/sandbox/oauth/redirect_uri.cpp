#include "clickflow/sandbox/oauth/redirect_uri.h"

#include <algorithm>

#include "clickflow/base/url.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t longest_uri = 2048;

bool is_graphic(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' &&
         c != '{' && c != '|' && c != '}';
}

std::string_view scheme_of(std::string_view uri) {
  return uri.substr(0, uri.find(':'));
}

bool is_own_scheme(std::string_view scheme) {
  return scheme.find('.') != std::string_view::npos && std::all_of(scheme.begin(), scheme.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
         });
}

bool is_literal_loopback(const Url& url) {
  return url.scheme == "http" && (url.host == "127.0.0.1" || url.host == "::1");
}

}  // namespace

bool may_register_redirect(std::string_view uri) {
  if (uri.size() > longest_uri || uri.find('#') != std::string_view::npos ||
      !std::all_of(uri.begin(), uri.end(), is_graphic)) {
    return false;
  }
  if (const auto url = Url::parse(uri)) return url->is_https() || url->is_loopback();
  return uri.find(':') != std::string_view::npos && is_own_scheme(scheme_of(uri));
}

bool redirect_matches(std::string_view registered, std::string_view requested) {
  if (registered == requested) return true;
  const auto a = Url::parse(registered);
  const auto b = Url::parse(requested);
  return a && b && is_literal_loopback(*a) && is_literal_loopback(*b) && a->host == b->host &&
         a->target == b->target && requested.starts_with("http://") && may_register_redirect(requested);
}

std::string csp_source(std::string_view redirect_uri) {
  const auto url = Url::parse(redirect_uri);
  if (!url || url->host.find(':') != std::string::npos) {  // CSP has no words for an IPv6 address
    return std::string(scheme_of(redirect_uri)) + ":";
  }
  return url->origin();
}

std::string redirect_place(std::string_view redirect_uri) {
  const auto url = Url::parse(redirect_uri);
  return url ? url->host : std::string(scheme_of(redirect_uri));
}

}  // namespace clickflow::sandbox
