#include "clickflow/auth/browser.h"

#include <algorithm>

#include "browser_environment.h"
#include "clickflow/base/url.h"
#include "clickflow/http/headers.h"

namespace clickflow::auth {
namespace {

constexpr size_t longest = 8 * 1024;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// What RFC 3986 allows in a URL, without the quote, the dollar sign, parentheses and the fragment's #.
bool is_harmless(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~:/?[]@!&*+,;=%").find(c) != std::string_view::npos;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::invalid_input, "The sign-in address " + std::string(why) + ", so it is not opened.",
              "Check that the ClickFlow URL is right; if it is, tell whoever runs that server.");
}

}  // namespace

Result<void> check_browsable(std::string_view url) {
  if (url.size() > longest) return refuse("is longer than 8 KiB");
  if (!std::all_of(url.begin(), url.end(), is_harmless))
    return refuse("holds characters that no such address needs");
  for (size_t at = url.find('%'); at != std::string_view::npos; at = url.find('%', at + 1)) {
    if (at + 2 >= url.size() || !is_hex(url[at + 1]) || !is_hex(url[at + 2])) {
      return refuse("holds a percent sign that encodes nothing");
    }
  }
  const auto parsed = Url::parse(url);
  if (!parsed) return refuse("is not a plain https address");
  if (!parsed->is_https() && !parsed->is_loopback()) return refuse("does not begin with https://");
  return {};
}

Environment for_browser(Environment environment) {
  constexpr std::string_view ours = "CLICKFLOW_";
  std::erase_if(environment, [&](const auto& entry) {
    const std::string_view name = entry.first;
    // Windows doesn't tell names apart by case. $BROWSER has been looked at by then, and xdg-open would run
    // whatever command line stands in it.
    return http::equal_without_case(name.substr(0, ours.size()), ours) || name == "BROWSER";
  });
  return environment;
}

}  // namespace clickflow::auth
