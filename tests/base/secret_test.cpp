#include "clickflow/base/secret.h"

#include <spdlog/fmt/fmt.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <new>
#include <ostream>
#include <type_traits>

#include "clickflow/base/log.h"

using clickflow::Secret;

namespace {

// A Secret whose memory can be looked at after its end.
class Observed {
 public:
  template <class... Args>
  explicit Observed(Args&&... args) {
    std::memset(storage_, 0, sizeof storage_);
    secret = new (storage_) Secret(std::forward<Args>(args)...);
  }
  ~Observed() { end(); }
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;
  void end() {
    if (secret) secret->~Secret();
    secret = nullptr;
  }
  bool holds(std::string_view characters) const {
    return std::string_view(reinterpret_cast<const char*>(storage_), sizeof storage_).find(characters) !=
           std::string_view::npos;
  }

  Secret* secret = nullptr;

 private:
  alignas(Secret) unsigned char storage_[sizeof(Secret)];
};

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

}  // namespace

// Short enough to lie inside the object in every standard library that we build with, so that the test may
// look.
TEST_CASE("A secret is wiped when it goes") {
  Observed secret(std::string("s3cr3t-value"));
  REQUIRE(secret.holds("s3cr3t-value"));
  secret.end();
  CHECK_FALSE(secret.holds("s3cr"));
  CHECK_FALSE(secret.holds("alue"));
}

TEST_CASE("A secret is wiped where it was moved from") {
  Observed secret(std::string("s3cr3t-value"));
  const Secret moved = std::move(*secret.secret);
  CHECK(moved.expose() == "s3cr3t-value");
  CHECK(secret.secret->empty());
  CHECK_FALSE(secret.holds("s3cr"));
  CHECK_FALSE(secret.holds("alue"));
}

TEST_CASE("A secret is wiped where another takes its place, a longer one too") {
  Observed secret(std::string("s3cr3t-value"));
  *secret.secret = Secret(std::string(100, 'x'));
  CHECK(secret.secret->expose() == std::string(100, 'x'));
  CHECK_FALSE(secret.holds("alue"));

  Observed other(std::string("s3cr3t-value"));
  *other.secret = Secret("new");
  CHECK(other.secret->expose() == "new");
  CHECK_FALSE(other.holds("alue"));
}

TEST_CASE("A secret can be neither printed nor formatted nor turned into a string") {
  STATIC_CHECK_FALSE(Streamable<Secret>);
  STATIC_CHECK_FALSE(fmt::is_formattable<Secret>::value);
  STATIC_CHECK_FALSE(std::is_convertible_v<Secret, std::string>);
  STATIC_CHECK_FALSE(std::is_convertible_v<Secret, std::string_view>);
  STATIC_CHECK_FALSE(std::is_convertible_v<std::string, Secret>);
}

TEST_CASE("Secrets are equal where their characters are, and nowhere else") {
  CHECK(Secret("abc") == Secret("abc"));
  CHECK_FALSE(Secret("abc") == Secret("abd"));
  CHECK_FALSE(Secret("abc") == Secret("ab"));
  CHECK_FALSE(Secret("abc") == Secret());
  CHECK(Secret() == Secret(""));
  CHECK_FALSE(Secret(std::string("a\0b", 3)) == Secret(std::string("a\0c", 3)));
}

TEST_CASE("A copy of a secret outlives the first") {
  auto first = std::make_unique<Secret>("a longer secret than fits inside the object");
  const Secret second = *first;
  first.reset();
  CHECK(second.expose() == "a longer secret than fits inside the object");
}

TEST_CASE("A secret assigned to itself stays") {
  Secret secret("a longer secret than fits inside the object");
  const Secret& same = secret;
  secret = same;
  CHECK(secret.expose() == "a longer secret than fits inside the object");
}

TEST_CASE("The log knows a secret from its first moment") {
  const Secret secret("correct horse battery staple");
  CHECK(clickflow::log::redact("it is correct horse battery staple!") == "it is [hidden]!");
}
