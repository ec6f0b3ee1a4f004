#include "clickflow/http/www_authenticate.h"
#include "require.h"

namespace http = clickflow::http;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string field(reinterpret_cast<const char*>(data), size);
  const http::Headers headers{{"WWW-Authenticate", field}};
  const auto challenges = http::parse_challenges(headers);
  bool bearer = false;
  for (const auto& challenge : challenges) {
    require(http::is_valid_name(challenge.scheme));
    bearer |= http::equal_without_case(challenge.scheme, "Bearer");
    for (const auto& [name, value] : challenge.params) {
      require(http::is_valid_name(name) && challenge.param(name).has_value());
      require(value.size() <= field.size());
    }
  }
  require(http::bearer_challenge(headers).has_value() == bearer);

  // Another field behind it adds its own challenges and changes none of these.
  const http::Headers more{{"WWW-Authenticate", field}, {"WWW-Authenticate", "Bearer error=\"x\""}};
  require(http::parse_challenges(more).size() == challenges.size() + 1);
  return 0;
}
