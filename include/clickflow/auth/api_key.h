#pragma once

#include <optional>

#include "clickflow/auth/token_source.h"

namespace clickflow::auth {

/// A key as the dashboard shows it: `cf_ak_` and at least 8 letters, digits, `_` or `-`. Fails with
/// `invalid_input`, in words that show no more of it than its first characters.
Result<Secret> parse_api_key(std::string_view text);

/// An API key, which can't be renewed: a server that refuses it is answered with what the person can do.
class ApiKeySource : public TokenSource {
 public:
  /// `replacing` says within a sentence how a new key takes its place: "set CLICKFLOW_API_KEY to it".
  ApiKeySource(Secret key, std::string replacing) : key_(std::move(key)), replacing_(std::move(replacing)) {}

  Result<std::optional<Secret>> token(const Occasion& occasion) override;
  /// Success where it was not this key that was refused.
  Result<void> renew(const Refusal& refusal, const std::optional<Secret>& used,
                     const Occasion& occasion) override;

 private:
  const Secret key_;
  const std::string replacing_;
};

/// A credential in a header that the person has set by hand: there is no token beside it.
class OwnHeaderSource : public TokenSource {
 public:
  Result<std::optional<Secret>> token(const Occasion& occasion) override;
  Result<void> renew(const Refusal& refusal, const std::optional<Secret>& used,
                     const Occasion& occasion) override;
};

}  // namespace clickflow::auth
