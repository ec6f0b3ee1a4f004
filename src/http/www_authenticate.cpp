#include "clickflow/http/www_authenticate.h"

#include "clickflow/base/ascii.h"

namespace clickflow::http {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string_view token() {
    size_t length = 0;
    while (length < rest_.size() && is_valid_name(rest_.substr(length, 1))) ++length;
    const auto result = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return result;
  }
  // Behind the opening quote.
  std::optional<std::string> quoted() {
    std::string value;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return value;
      if (c == '\\' && !rest_.empty()) {
        value += rest_.front();
        rest_.remove_prefix(1);
      } else {
        value += c;
      }
    }
    return std::nullopt;
  }
  // A token68 (RFC 9110, section 11.2), as Negotiate and Basic carry it: `=` stands at its end only.
  void skip_token68() {
    skip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    skip("=");
  }

 private:
  std::string_view rest_;
};

// A comma separates both challenges and parameters: a name that `=` follows is a parameter, any other a new
// scheme.
void parse_field(std::string_view field, std::vector<Challenge>& challenges) {
  Scanner scanner(field);
  bool in_challenge = false;
  for (;;) {
    scanner.skip(" \t,");
    const auto name = scanner.token();
    if (name.empty()) return;
    Scanner ahead = scanner;
    ahead.skip(" \t");
    if (!in_challenge || !ahead.take('=')) {
      challenges.push_back({std::string(name), {}});
      in_challenge = true;
      scanner.skip(" \t");
      // A token68 ends at a comma or at the end; a parameter goes on with a quote or a token.
      Scanner token68 = scanner;
      token68.skip_token68();
      token68.skip(" \t");
      if (token68.done()) return;
      if (token68.take(',')) scanner = token68;
      continue;
    }
    scanner = ahead;
    scanner.skip(" \t");
    std::string value;
    if (scanner.take('"')) {
      auto quoted = scanner.quoted();
      if (!quoted) return;
      value = std::move(*quoted);
    } else {
      value = scanner.token();
    }
    challenges.back().params.emplace_back(lower(name), std::move(value));
  }
}

}  // namespace

std::optional<std::string_view> Challenge::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<Challenge> parse_challenges(const Headers& headers) {
  std::vector<Challenge> challenges;
  for (auto field : headers.all("WWW-Authenticate")) parse_field(field, challenges);
  return challenges;
}

std::optional<Challenge> bearer_challenge(const Headers& headers) {
  for (auto& challenge : parse_challenges(headers)) {
    if (equal_without_case(challenge.scheme, "Bearer")) return challenge;
  }
  return std::nullopt;
}

}  // namespace clickflow::http
