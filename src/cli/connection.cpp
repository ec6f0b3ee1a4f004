#include "clickflow/cli/connection.h"

#include "clickflow/auth/api_key.h"

namespace clickflow::cli {
namespace {

// A credential that can't be used is told at the first call, where the person sees it: a bridge that ended at
// the start would leave them a line in a log.
class UnusableKey : public auth::TokenSource {
 public:
  explicit UnusableKey(Error error) : error_(std::move(error)) {}
  Result<std::optional<Secret>> token(const auth::Occasion&) override { return tl::make_unexpected(error_); }
  Result<void> renew(const auth::Refusal&, const std::optional<Secret>&, const auth::Occasion&) override {
    return tl::make_unexpected(error_);
  }

 private:
  const Error error_;
};

std::unique_ptr<auth::TokenSource> make_token_source(const Settings& settings) {
  if (!settings.api_key) return std::make_unique<auth::ApiKeySource>(std::nullopt);
  auto key = auth::parse_api_key(settings.api_key->expose());
  if (!key) {
    log::error("{}", key.error().message());
    return std::make_unique<UnusableKey>(key.error());
  }
  return std::make_unique<auth::ApiKeySource>(*key);
}

}  // namespace

Connection::Connection(const Settings& settings)
    : client_(http::make_client(settings.client)),
      tokens_(make_token_source(settings)),
      authorized_(*client_, *tokens_, settings.endpoint),
      remote_(authorized_, {settings.endpoint, settings.headers, settings.limits}) {}

}  // namespace clickflow::cli
