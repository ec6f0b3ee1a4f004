#include "clickflow/http/proxy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/environment_guard.h"

using clickflow::ErrorCode;
using clickflow::Url;
using clickflow::http::Proxy;
using clickflow::http::ProxySettings;
using clickflow::testing::EnvironmentGuard;

namespace {

// host:port of the proxy for the URL, or "direct".
std::string way_to(const std::string& url, const std::optional<std::string>& explicit_proxy = {}) {
  const auto settings = ProxySettings::from_environment(explicit_proxy);
  if (!settings) return settings.error().what;
  const auto way = settings->for_url(Url::parse(url).value());
  if (!way) return way.error().what;
  const Proxy* proxy = *way;
  return proxy ? proxy->host + ":" + std::to_string(proxy->port) : "direct";
}

}  // namespace

TEST_CASE("Without settings every way is direct") {
  const auto guard = EnvironmentGuard::without_proxies();
  CHECK(way_to("https://api.clickflow.com/") == "direct");
  CHECK(way_to("http://example.com/") == "direct");
}

TEST_CASE("Each scheme has its own variable, and the one in lower case wins") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "http://secure:1");
  guard.set("HTTP_PROXY", "http://plain:2");
  CHECK(way_to("https://example.com/") == "secure:1");
  CHECK(way_to("http://example.com/") == "plain:2");
  guard.set("https_proxy", "http://lower:3");
  guard.set("http_proxy", "http://lower:4");
  CHECK(way_to("https://example.com/") == "lower:3");
  CHECK(way_to("http://example.com/") == "lower:4");
}

TEST_CASE("What was said explicitly takes the place of the variables") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "http://secure:1");
  CHECK(way_to("https://example.com/", "http://said:5") == "said:5");
  CHECK(way_to("http://example.com/", "http://said:5") == "said:5");
  guard.set("NO_PROXY", "example.com");
  CHECK(way_to("https://example.com/", "http://said:5") == "direct");
}

TEST_CASE("Where a web server could have set HTTP_PROXY from a client's header it is ignored") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("REQUEST_METHOD", "GET");
  guard.set("HTTP_PROXY", "http://evil:1");
  CHECK(way_to("http://example.com/") == "direct");
  guard.set("http_proxy", "http://plain:2");
  guard.set("HTTPS_PROXY", "http://secure:3");
  CHECK(way_to("http://example.com/") == "plain:2");
  CHECK(way_to("https://example.com/") == "secure:3");
}

TEST_CASE("Loopback is never reached by a proxy") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "http://p:1");
  guard.set("HTTP_PROXY", "http://p:1");
  const auto url =
      GENERATE("http://localhost/", "http://127.0.0.1:80/", "https://127.9.9.9/", "http://[::1]/");
  CHECK(way_to(url) == "direct");
  CHECK(way_to(url, "http://said:5") == "direct");
}

TEST_CASE("NO_PROXY names what is reached directly") {
  struct Row {
    const char* entries;
    const char* url;
    bool direct;
  };
  const auto row = GENERATE(
      Row{"*", "https://example.com/", true}, Row{"example.com", "https://example.com/", true},
      Row{"example.com", "https://api.example.com/", true},
      Row{"example.com", "https://a.b.example.com:8/", true},
      Row{".example.com", "https://api.example.com/", true},
      Row{".example.com", "https://example.com/", true}, Row{"EXAMPLE.com", "https://Example.COM/", true},
      Row{"example.com", "https://badexample.com/", false},
      Row{"example.com", "https://example.com.evil.net/", false},
      Row{"example.com", "https://example.org/", false}, Row{"com", "https://example.com/", true},
      Row{"om", "https://example.com/", false}, Row{"api.example.com", "https://example.com/", false},
      Row{"a.net,example.com,b.net", "https://example.com/", true},
      Row{" a.net , example.com ", "https://example.com/", true},
      Row{"a.net example.com", "https://example.com/", true}, Row{"", "https://example.com/", false},
      Row{",", "https://example.com/", false}, Row{".", "https://example.com/", false},
      Row{"example.com:443", "https://example.com/", true},
      Row{"example.com:8443", "https://example.com:8443/", true},
      Row{"example.com:8443", "https://example.com/", false},
      Row{".example.com:443", "https://api.example.com/", true}, Row{"10.0.0.7", "https://10.0.0.7/", true},
      Row{"10.0.0.7", "https://10.0.0.70/", false}, Row{"10.0.0.7:443", "https://10.0.0.7/", true},
      Row{"10.0.0.0/8", "https://10.200.3.4/", true}, Row{"10.0.0.0/8", "https://11.0.0.1/", false},
      Row{"192.168.4.0/22", "https://192.168.7.255/", true},
      Row{"192.168.4.0/22", "https://192.168.8.0/", false}, Row{"10.0.0.1/32", "https://10.0.0.1/", true},
      Row{"10.0.0.1/32", "https://10.0.0.2/", false}, Row{"0.0.0.0/0", "https://9.9.9.9/", true},
      Row{"0.0.0.0/0", "https://example.com/", false}, Row{"10.0.0.0/33", "https://10.0.0.1/", false},
      Row{"10.0.0.0/", "https://10.0.0.1/", false}, Row{"10.0.0.0/x", "https://10.0.0.1/", false},
      Row{"10.0.0/8", "https://10.0.0.1/", false}, Row{"/8", "https://10.0.0.1/", false},
      // 8.0.0.0 to some readers.
      Row{"010.0.0.0/8", "https://10.0.0.1/", false}, Row{"2001:db8::7", "https://[2001:db8::7]/", true},
      Row{"[2001:db8::7]", "https://[2001:DB8::7]/", true},
      Row{"[2001:db8::7]:443", "https://[2001:db8::7]/", true},
      Row{"[2001:db8::7]:1", "https://[2001:db8::7]/", false},
      Row{"[2001:db8::7", "https://[2001:db8::7]/", false},
      Row{"[2001:db8::8]", "https://[2001:db8::7]/", false});
  CAPTURE(row.entries, row.url);
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "http://p:1");
  guard.set("NO_PROXY", row.entries);
  CHECK((way_to(row.url) == "direct") == row.direct);
  guard.set("no_proxy", "nowhere.invalid");
  CHECK(way_to(row.url) == "p:1");
}

TEST_CASE("A proxy is written with or without scheme, port and credentials") {
  struct Row {
    const char* text;
    const char* host;
    int port;
    const char* user;
    const char* password;
  };
  const auto row = GENERATE(
      Row{"http://p:3128", "p", 3128, "", ""}, Row{"p:3128", "p", 3128, "", ""},
      Row{"http://P/", "p", 80, "", ""}, Row{"HTTP://p:1", "p", 1, "", ""},
      Row{"http://10.1.1.1:8", "10.1.1.1", 8, "", ""},
      Row{"http://[2001:db8::1]:8", "2001:db8::1", 8, "", ""},
      Row{"http://me:word@p:1", "p", 1, "me", "word"}, Row{"me:word@p:1", "p", 1, "me", "word"},
      Row{"http://me@p:1", "p", 1, "me", ""}, Row{"http://me:@p:1", "p", 1, "me", ""},
      Row{"http://me:a:b@p:1", "p", 1, "me", "a:b"}, Row{"http://me:a@b@p:1", "p", 1, "me", "a@b"},
      Row{"http://m%65:%40%3a%2F@p:1", "p", 1, "me", "@:/"}, Row{"http://me:100%@p:1", "p", 1, "me", "100%"},
      Row{"http://me:%4@p:1", "p", 1, "me", "%4"}, Row{"http://me:%zz%4g@p:1", "p", 1, "me", "%zz%4g"});
  CAPTURE(row.text);
  const auto guard = EnvironmentGuard::without_proxies();
  const auto settings = ProxySettings::from_environment(row.text);
  REQUIRE(settings);
  const Proxy* proxy = settings->for_url(Url::parse("https://example.com/").value()).value();
  REQUIRE(proxy);
  CHECK(proxy->host == row.host);
  CHECK(proxy->port == row.port);
  CHECK(proxy->user == row.user);
  CHECK(proxy->password.expose() == row.password);
}

TEST_CASE("A proxy that can't be read or is of another kind is refused, without its password in the words") {
  const auto text =
      GENERATE("https://hunter2:hunter2@p:1", "socks5://hunter2:hunter2@p:1", "http://hunter2:hunter2@",
               "http://hunter2:hunter2@p:99999", "http://hunter2:hunter2@p:x", "http://hunter2 hunter2@p q",
               "http://", "://p", "hunter2:hunter2@p:1\r\nX: y");
  CAPTURE(text);
  auto guard = EnvironmentGuard::without_proxies();
  const auto settings = ProxySettings::from_environment(text);
  REQUIRE_FALSE(settings);
  CHECK(settings.error().code == ErrorCode::invalid_input);
  CHECK(settings.error().message().find("hunter2") == std::string::npos);
  guard.set("HTTPS_PROXY", text);
  const auto way =
      ProxySettings::from_environment(std::nullopt)->for_url(Url::parse("https://example.com/").value());
  REQUIRE_FALSE(way);
  CHECK(way.error().what.starts_with("HTTPS_PROXY: "));
  CHECK(way.error().message().find("hunter2") == std::string::npos);
}

TEST_CASE("A variable that can't be used is told to whoever would use that proxy, and to nobody else") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "socks5://p:1");
  guard.set("HTTP_PROXY", "http://plain:2");
  guard.set("NO_PROXY", "inside.test");
  CHECK(way_to("https://example.com/") ==
        "HTTPS_PROXY: The proxy setting names a kind of proxy that is not supported.");
  CHECK(way_to("http://example.com/") == "plain:2");
  CHECK(way_to("https://127.0.0.1/") == "direct");
  CHECK(way_to("https://inside.test/") == "direct");
  CHECK(way_to("https://example.com/", "http://said:5") == "said:5");
}
