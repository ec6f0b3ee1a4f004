#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clickflow/auth/token_source.h"

namespace clickflow::testing {

/// Has a list of tokens; each renewal goes on to the next. Where there is no next one, renewal fails. Any
/// thread.
class ScriptedTokens : public auth::TokenSource {
 public:
  explicit ScriptedTokens(std::vector<std::string> tokens = {}) : tokens_(std::move(tokens)) {}

  Result<std::optional<Secret>> token(const auth::Occasion&) override {
    std::lock_guard lock(mutex_);
    if (failure) return tl::make_unexpected(*failure);
    if (at_ >= tokens_.size()) return std::nullopt;
    return Secret(tokens_[at_]);
  }

  Result<void> renew(const auth::Refusal& refusal, const std::optional<Secret>& used,
                     const auth::Occasion&) override {
    std::lock_guard lock(mutex_);
    refusals.push_back(refusal);
    used_tokens.push_back(used ? std::string(used->expose()) : "none");
    if (renewal_failure) return tl::make_unexpected(*renewal_failure);
    if (at_ + 1 >= tokens_.size()) return fail(ErrorCode::unauthenticated, "Nobody knows you.", "Sign in.");
    ++at_;
    return {};
  }

  /// Somebody signs in: from now on this is the token.
  void sign_in(std::string token) {
    std::lock_guard lock(mutex_);
    tokens_.push_back(std::move(token));
    at_ = tokens_.size() - 1;
  }

  /// What token() fails with, where that is wanted.
  std::optional<Error> failure;
  /// The same for renew().
  std::optional<Error> renewal_failure;
  std::vector<auth::Refusal> refusals;
  std::vector<std::string> used_tokens;

 private:
  std::mutex mutex_;
  std::vector<std::string> tokens_;
  size_t at_ = 0;
};

}  // namespace clickflow::testing
