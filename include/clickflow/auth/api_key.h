#pragma once

#include <optional>

#include "clickflow/auth/token_source.h"

namespace clickflow::auth {

/// A key as the dashboard shows it: `cf_ak_` and at least 8 letters, digits, `_` or `-`. Fails with
/// `invalid_input`, in words that show no more of it than its first characters.
Result<Secret> parse_api_key(std::string_view text);

/// An API key, or, without one, no credential at all: a server that wants none is served, and one that does
/// is answered with what the person can do. A key can't be renewed.
class ApiKeySource : public TokenSource {
 public:
  explicit ApiKeySource(std::optional<Secret> key) : key_(std::move(key)) {}

  Result<std::optional<Secret>> token(const Occasion& occasion) override;
  Result<void> renew(const Refusal& refusal, const std::optional<Secret>& used,
                     const Occasion& occasion) override;

 private:
  const std::optional<Secret> key_;
};

}  // namespace clickflow::auth
