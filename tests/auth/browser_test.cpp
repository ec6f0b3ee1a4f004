#include "clickflow/auth/browser.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

using clickflow::ErrorCode;
using clickflow::auth::check_browsable;

TEST_CASE("A sign-in address as servers make them may be opened") {
  const auto url = GENERATE(
      as<std::string>(),
      "https://app.clerk.accounts.dev/oauth/authorize?response_type=code&client_id=abc&state=x-y_z~1",
      "https://example.com", "https://example.com:8443/a/b;v=1?x=%20%2F&y=a+b,c@d!e*f",
      "https://login.example/"
      "?redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcallback&resource=https%3A%2F%2Fapi.x%2Fv1",
      "http://127.0.0.1:8788/authorize?x=1", "http://localhost:8788/authorize", "http://[::1]:8788/authorize",
      "HTTPS://EXAMPLE.COM/");
  CAPTURE(url);
  CHECK(check_browsable(url));
}

TEST_CASE("An address with a trick in it is opened by nobody, and not repeated") {
  const auto url = GENERATE(
      as<std::string>(),
      // other schemes, and what looks like ours
      "javascript:alert(1)", "JavaScript:alert(1)", "javascript://example.com/%0aalert(1)",
      "data:text/html,x", "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "vbscript:x",
      "ftp://example.com/", "ms-msdt:/id", "search-ms:query=x", "smb://example.com/x", "mailto:a@b",
      "about:blank", "view-source:https://example.com", "https:example.com", "https:/example.com",
      "https:///example.com", "//example.com", "example.com", "", "https://", " https://example.com",
      "\thttps://example.com", "-psn", "--version", "/usr/bin/true",
      // plain http that is not loopback, whatever it looks like
      "http://example.com/", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/",
      "http://10.0.0.1/", "http://0.0.0.0/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
      // user information
      "https://user@example.com/", "https://user:password@example.com/", "https://127.0.0.1@evil.example/",
      "http://localhost@evil.example/", "https://example.com\\@evil.example/", "https://@example.com/",
      // a shell's, an opener script's and a Windows command line's characters
      "https://example.com/$(touch${IFS}x)", "https://example.com/`id`", "https://example.com/?a='b'",
      "https://example.com/?a=\"b\"", "https://example.com/?a=b|c", "https://example.com/?a=<b>",
      "https://example.com/?a={b}", "https://example.com/?a=^b", "https://example.com/\\\\evil\\share",
      "https://example.com/?a=(b)", "https://example.com/?$HOME", "https://example.com/?%PATH%",
      "https://example.com/%", "https://example.com/%a", "https://example.com/%zz",
      "https://example.com/#fragment",
      // control characters, spaces, what is not ASCII
      "https://example.com/a b", "https://example.com/a\nb", "https://example.com/a\r\nb",
      "https://example.com/a\tb", std::string("https://example.com/a\0b", 23), "https://example.com/\x1b[2J",
      "https://example.com/\x7f", "https://ex\xc3\xa4mple.com/", "https://example.com/\xe2\x80\xae",
      // hosts and ports that are none
      "https://exa%6dple.com/", "https://example.com:0/", "https://example.com:99999/",
      "https://example.com:x/", "https://[::1/", "https://[example.com]/", "https://a,b/", "https://a;b/");
  CAPTURE(url);
  const auto result = check_browsable(url);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::invalid_input);
  CHECK((url.size() < 4 || result.error().message().find(url) == std::string::npos));
}

TEST_CASE("An address may have 8 KiB and no more") {
  const std::string start = "https://example.com/?x=";
  CHECK(check_browsable(start + std::string(8 * 1024 - start.size(), 'a')));
  CHECK_FALSE(check_browsable(start + std::string(8 * 1024 - start.size() + 1, 'a')));
}
