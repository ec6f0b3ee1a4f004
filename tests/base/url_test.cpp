#include "clickflow/base/url.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using clickflow::ErrorCode;
using clickflow::Url;

TEST_CASE("A URL is taken apart, and put together again as it was") {
  struct Row {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* target;
    const char* origin;
  };
  const auto row =
      GENERATE(Row{"https://api.clickflow.com/v1/mcp", "https", "api.clickflow.com", 443, "/v1/mcp",
                   "https://api.clickflow.com"},
               Row{"HTTPS://API.ClickFlow.COM/V1/Mcp", "https", "api.clickflow.com", 443, "/V1/Mcp",
                   "https://api.clickflow.com"},
               Row{"https://h:8443/", "https", "h", 8443, "/", "https://h:8443"},
               Row{"https://h:443/a", "https", "h", 443, "/a", "https://h"},
               Row{"http://h:443/a", "http", "h", 443, "/a", "http://h:443"},
               Row{"https://h:/a", "https", "h", 443, "/a", "https://h"},
               Row{"http://h", "http", "h", 80, "/", "http://h"},
               Row{"http://h?a=b", "http", "h", 80, "/?a=b", "http://h"},
               Row{"http://h/p%20q?a=/b?c", "http", "h", 80, "/p%20q?a=/b?c", "http://h"},
               Row{"http://127.0.0.1:65535/x", "http", "127.0.0.1", 65535, "/x", "http://127.0.0.1:65535"},
               Row{"http://[::1]:8080/x", "http", "::1", 8080, "/x", "http://[::1]:8080"},
               Row{"https://[2001:DB8::7]/", "https", "2001:db8::7", 443, "/", "https://[2001:db8::7]"},
               Row{"http://my_host-1.local/", "http", "my_host-1.local", 80, "/", "http://my_host-1.local"});
  CAPTURE(row.text);
  const auto url = Url::parse(row.text);
  REQUIRE(url);
  CHECK(url->scheme == row.scheme);
  CHECK(url->host == row.host);
  CHECK(url->port == row.port);
  CHECK(url->target == row.target);
  CHECK(url->origin() == row.origin);
  CHECK(url->to_string() == url->origin() + row.target);
  CHECK(Url::parse(url->to_string())->to_string() == url->to_string());
}

TEST_CASE("What is no absolute http or https URL is refused") {
  const auto text = GENERATE(
      "", "h", "/v1/mcp", "//h/", "https:/h", "https:h", "ftp://h/", "file:///etc/passwd", "ws://h/",
      "javascript://h/", "https://", "https:///", "https://:80/", "https://h:0/", "https://h:65536/",
      "https://h:-1/", "https://h:+1/", "https://h:8o/", "https://h:80 /", "https://h:80:80/",
      "https://user@h/", "https://user:word@h/", "https://h/#part", "https://h#part", "https://h/a?b#c",
      "https://[::1/", "https://[]/", "https://[::1]x/", "https://[::1]:x/", "https://[g::1]/",
      "https://[::1%25eth0]/", "https://[abc]/", "https://[127.0.0.1]/", "https://h,i/", "https://h%2e/",
      "https://h\\@i/", "https://a*b/", "https://h/a b", " https://h/", "https://h/ ", "https://h/\t",
      "https://h/\r\nX: y", "https://h\n/", "https://\x7f/", "https://h\xC3\xA9/", "https://h/\xC3\xA9");
  CAPTURE(text);
  const auto url = Url::parse(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().code == ErrorCode::invalid_input);
  CHECK_FALSE(url.error().what.empty());
  CHECK_FALSE(url.error().remedy.empty());
}

TEST_CASE("A NUL in a URL does not end it but spoils it") {
  CHECK_FALSE(Url::parse(std::string_view("https://h/a\0b", 13)));
}

TEST_CASE("An error about a URL does not repeat it, since a password may stand in it") {
  const auto url = Url::parse("https://user:hunter2hunter2@h/");
  REQUIRE_FALSE(url);
  CHECK(url.error().message().find("hunter2") == std::string::npos);
}

TEST_CASE("Loopback is localhost, 127.0.0.0/8 and ::1") {
  const auto loopback = GENERATE("http://localhost/", "http://LOCALHOST:1/", "http://127.0.0.1/",
                                 "http://127.255.255.254/", "http://127.1.2.3:80/", "http://[::1]/");
  CAPTURE(loopback);
  CHECK(Url::parse(loopback)->is_loopback());
}

TEST_CASE("A name that only looks like loopback is not") {
  const auto elsewhere = GENERATE(
      "http://localhost.example.com/", "http://localhost./", "http://xlocalhost/", "http://127.0.0.1.com/",
      "http://127.0.0/", "http://127.0.0.1./", "http://127.../", "http://127.0.0.256/", "http://127.0.0.999/",
      "http://127.0.0.01/", "http://127.0.0.1.1/", "http://128.0.0.1/", "http://1270.0.0.1/",
      "http://126.0.0.1/", "http://0.0.0.0/", "http://[::2]/", "http://[::]/", "http://10.0.0.1/");
  CAPTURE(elsewhere);
  CHECK_FALSE(Url::parse(elsewhere)->is_loopback());
}

TEST_CASE("The path ends at the query, and another target keeps the origin") {
  const auto url = Url::parse("https://h:8443/v1/mcp?x=1");
  CHECK(url->path() == "/v1/mcp");
  CHECK(url->with_target("/other").to_string() == "https://h:8443/other");
  CHECK(url->is_https());
  CHECK_FALSE(Url::parse("http://h/")->is_https());
}
