#include "clickflow/auth/url_policy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using namespace clickflow::auth;

namespace {

Url url(const char* text) {
  return *Url::parse(text);
}

const Url open_endpoint = url("https://api.example.com/v1/mcp");
const Url local_endpoint = url("http://127.0.0.1:8080/mcp");

}  // namespace

TEST_CASE("Addresses are told apart by how near they are, whatever their spelling") {
  struct Row {
    const char* host;
    Reach reach;
  };
  const auto row = GENERATE(
      Row{"localhost", Reach::loopback}, Row{"localhost.", Reach::loopback},
      Row{"a.localhost", Reach::loopback}, Row{"127.0.0.1", Reach::loopback},
      Row{"127.9.9.9", Reach::loopback}, Row{"0.0.0.0", Reach::loopback}, Row{"::1", Reach::loopback},
      Row{"::", Reach::loopback}, Row{"0:0:0:0:0:0:0:1", Reach::loopback},
      Row{"::ffff:127.0.0.1", Reach::loopback}, Row{"::ffff:7f00:1", Reach::loopback},
      Row{"::7f00:1", Reach::loopback}, Row{"64:ff9b::7f00:1", Reach::loopback},
      Row{"2002:7f00:1::", Reach::loopback}, Row{"169.254.169.254", Reach::link_local},
      Row{"fe80::1", Reach::link_local}, Row{"febf::1", Reach::link_local},
      Row{"10.255.0.1", Reach::private_network}, Row{"172.16.0.1", Reach::private_network},
      Row{"172.31.255.255", Reach::private_network}, Row{"192.168.1.1", Reach::private_network},
      Row{"100.64.0.1", Reach::private_network}, Row{"fd00::1", Reach::private_network},
      Row{"::ffff:10.0.0.1", Reach::private_network}, Row{"172.32.0.1", Reach::everywhere},
      Row{"100.128.0.1", Reach::everywhere}, Row{"8.8.8.8", Reach::everywhere},
      Row{"2001:4860:4860::8888", Reach::everywhere}, Row{"api.example.com", Reach::everywhere},
      Row{"localhost.example.com", Reach::everywhere}, Row{"10.example", Reach::everywhere});
  CAPTURE(row.host);
  CHECK(reach_of(row.host) == row.reach);
}

TEST_CASE("An address in disguise is no address") {
  const auto* host =
      GENERATE("2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.01", "127.0.0.0x1",
               "1.2.3.256", "1.2.3.4.5", "224.0.0.1", "255.255.255.255", "ff02::1", ":::", "1:2:3", ".", "");
  CAPTURE(host);
  CHECK(reach_of(host) == Reach::nowhere);
}

TEST_CASE("A server on the internet can only name https URLs on the internet") {
  const UrlPolicy policy(open_endpoint);
  CHECK(policy.accept("https://login.example.org/token?tenant=1", "token_endpoint"));
  const auto* text = GENERATE(
      "http://login.example.org/token", "https://localhost/token", "http://localhost:6379/",
      "http://127.0.0.1/", "https://127.0.0.1/token", "https://10.0.0.1/", "https://192.168.1.1/admin",
      "https://[::1]/", "https://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data/",
      "https://169.254.169.254/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
      "javascript:alert(1)", "file:///etc/passwd", "//example.com", "", "https://user:pass@example.com/",
      "https://example.com/#x", "https://exa mple.com/");
  CAPTURE(text);
  const auto url = policy.accept(text, "token_endpoint");
  REQUIRE_FALSE(url);
  CHECK(url.error().code == ErrorCode::protocol);
  CHECK(url.error().what.starts_with("The server's token_endpoint is refused: "));
}

TEST_CASE("A server on this machine may name http URLs on this machine, and https URLs anywhere") {
  const UrlPolicy policy(local_endpoint);
  CHECK(policy.accept("http://localhost:9000/token", "x"));
  CHECK(policy.accept("http://[::1]:9000/token", "x"));
  CHECK(policy.accept("https://login.example.org/token", "x"));
  CHECK_FALSE(policy.accept("http://login.example.org/token", "x"));
  CHECK_FALSE(policy.accept("http://10.0.0.1/token", "x"));
}

TEST_CASE("A server in a private network may name its neighbours, but not this machine") {
  const UrlPolicy policy(url("https://10.0.0.5/mcp"));
  CHECK(policy.accept("https://10.0.0.6/token", "x"));
  CHECK_FALSE(policy.accept("https://169.254.169.254/", "x"));
  CHECK_FALSE(policy.accept("https://127.0.0.1/", "x"));
}

TEST_CASE("An endpoint whose host can't be placed is measured as one on the internet") {
  CHECK_FALSE(UrlPolicy(url("https://0x7f.1/mcp")).accept("http://127.0.0.1/", "x"));
}

TEST_CASE("Two hosts are of one site if their last two labels are the same") {
  CHECK(same_site(url("https://a.example.com"), url("https://b.example.com:8443")));
  CHECK(same_site(url("https://example.com"), url("https://a.b.example.com.")));
  CHECK(same_site(url("http://localhost:1"), url("http://127.0.0.1:2")));
  CHECK(same_site(url("https://10.0.0.1"), url("https://10.0.0.1")));
  CHECK_FALSE(same_site(url("https://a.example.com"), url("https://a.example.org")));
  CHECK_FALSE(same_site(url("https://10.0.0.1"), url("https://11.0.0.1")));
  CHECK_FALSE(same_site(url("https://[fd00::1]"), url("https://[fd00::2]")));
}
