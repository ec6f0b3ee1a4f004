#include "clickflow/auth/url_policy.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string>

namespace clickflow::auth {
namespace {

namespace ip = boost::asio::ip;

struct Range {
  const char* network;
  int bits;
  Reach reach;
};

// RFC 6890's special-purpose addresses, and what came after it.
constexpr Range ranges_v4[] = {
    {"0.0.0.0", 8, Reach::loopback},
    {"10.0.0.0", 8, Reach::private_network},
    {"100.64.0.0", 10, Reach::private_network},
    {"127.0.0.0", 8, Reach::loopback},
    {"169.254.0.0", 16, Reach::link_local},
    {"172.16.0.0", 12, Reach::private_network},
    {"192.0.0.0", 24, Reach::private_network},
    {"192.168.0.0", 16, Reach::private_network},
    {"198.18.0.0", 15, Reach::private_network},
    {"224.0.0.0", 3, Reach::nowhere},
};

constexpr Range ranges_v6[] = {
    {"::", 127, Reach::loopback},           // :: and ::1
    {"fc00::", 7, Reach::private_network},  // unique local
    {"fe80::", 10, Reach::link_local},
    {"fec0::", 10, Reach::private_network},
    {"64:ff9b:1::", 48, Reach::private_network},  // NAT64 of one's own (RFC 8215)
    {"ff00::", 8, Reach::nowhere},
};

bool same_bits(const unsigned char* a, const unsigned char* b, int bits) {
  const int whole = bits / 8;
  if (!std::equal(a, a + whole, b)) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

template <class Bytes, class Parse, size_t count>
Reach look_up(const Bytes& address, const Range (&ranges)[count], Parse parse) {
  for (const auto& range : ranges) {
    if (same_bits(address.data(), parse(range.network).to_bytes().data(), range.bits)) return range.reach;
  }
  return Reach::everywhere;
}

Reach reach_of_v4(const ip::address_v4& address) {
  return look_up(address.to_bytes(), ranges_v4, [](const char* text) { return ip::make_address_v4(text); });
}

Reach reach_of_v6(const ip::address_v6& address) {
  const Reach reach =
      look_up(address.to_bytes(), ranges_v6, [](const char* text) { return ip::make_address_v6(text); });
  if (reach != Reach::everywhere) return reach;
  // An IPv4 address inside counts for what it is: mapped and compatible (RFC 4291, section 2.5.5), behind
  // NAT64 (RFC 6052) or 6to4 (RFC 3056).
  const auto bytes = address.to_bytes();
  auto begins_with = [&](const char* network, int bits) {
    return same_bits(bytes.data(), ip::make_address_v6(network).to_bytes().data(), bits);
  };
  auto v4_at = [&](size_t at) {
    return reach_of_v4(ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]}));
  };
  if (begins_with("::ffff:0:0", 96) || begins_with("::", 96) || begins_with("64:ff9b::", 96))
    return v4_at(12);
  if (begins_with("2002::", 16)) return v4_at(2);
  return Reach::everywhere;
}

std::string_view last_labels(std::string_view host, int count) {
  size_t dot = host.size();
  while (count-- > 0) {
    dot = host.rfind('.', dot - 1);
    if (dot == std::string_view::npos) return host;
  }
  return host.substr(dot + 1);
}

std::string_view without_last_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

// What a resolver takes for a number rather than a name (as in WHATWG URL, "ends in a number").
bool is_numeric(std::string_view host) {
  const auto last = last_labels(host, 1);
  return last.starts_with("0x") || (!last.empty() && std::all_of(last.begin(), last.end(), [](char c) {
           return c >= '0' && c <= '9';
         }));
}

}  // namespace

Reach reach_of(std::string_view host) {
  host = without_last_dot(host);
  boost::system::error_code failure;
  if (host.find(':') != std::string_view::npos) {
    const auto address = ip::make_address_v6(std::string(host), failure);
    return failure ? Reach::nowhere : reach_of_v6(address);
  }
  if (is_numeric(host)) {
    const auto address = ip::make_address_v4(std::string(host), failure);
    return failure ? Reach::nowhere : reach_of_v4(address);
  }
  if (host.empty()) return Reach::nowhere;
  return last_labels(host, 1) == "localhost" ? Reach::loopback : Reach::everywhere;
}

UrlPolicy::UrlPolicy(const Url& endpoint) : nearest_(reach_of(endpoint.host)) {
  if (nearest_ == Reach::nowhere) nearest_ = Reach::everywhere;
}

Result<Url> UrlPolicy::accept(std::string_view text, std::string_view name) const {
  auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::protocol,
                "The server's " + std::string(name) + " is refused: " + std::string(why) + ".",
                "Nothing was sent there. Check the server's URL, and tell whoever runs it.");
  };
  auto url = Url::parse(text);
  if (!url) return refuse("it is not a plain https URL");
  const Reach reach = reach_of(url->host);
  if (reach == Reach::nowhere) return refuse("it has no address that one may speak to");
  if (reach < nearest_) return refuse("it points into a network that is closer than the server itself");
  if (!url->is_https() && reach != Reach::loopback) return refuse("it is not https");
  return *std::move(url);
}

bool same_site(const Url& a, const Url& b) {
  const auto x = without_last_dot(a.host);
  const auto y = without_last_dot(b.host);
  if (x == y || (reach_of(x) == Reach::loopback && reach_of(y) == Reach::loopback)) return true;
  const bool names = !is_numeric(x) && !is_numeric(y) && x.find(':') == std::string_view::npos &&
                     y.find(':') == std::string_view::npos;
  return names && last_labels(x, 2) == last_labels(y, 2);
}

}  // namespace clickflow::auth
