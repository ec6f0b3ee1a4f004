#include "clickflow/auth/session_store.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/base/sha256.h"
#include "stored_json.h"

namespace clickflow::auth {
namespace {

constexpr const char* tokens_kind = "tokens";
constexpr const char* client_kind = "client";
constexpr const char* binding_kind = "server";
constexpr size_t digest_digits = 40;

// How long a cancellation may go unnoticed.
constexpr int lock_slice_ms = 200;

Result<void> done(const Result<bool>& removed) {
  if (!removed) return tl::make_unexpected(removed.error());
  return {};
}

Secret serialize(const SessionStore::Binding& binding) {
  return dump_stored({{"version", stored_version},
                      {"issuer", binding.issuer},
                      {"resource", binding.resource},
                      {"client_id", binding.pre_registered_client}});
}

}  // namespace

std::string SessionIdentity::command(std::string_view name) const {
  return "`clickflow-mcp " + std::string(name) + options + "`";
}

std::string store_key(std::string_view kind, const SessionIdentity& identity, std::string_view issuer,
                      std::string_view resource) {
  std::string bound_to;
  // The lengths keep two fields from being taken for one.
  for (const std::string_view field :
       {std::string_view(identity.profile), std::string_view(identity.endpoint),
        std::string_view(identity.organization), issuer, resource}) {
    bound_to += std::to_string(field.size()) + ":" + std::string(field);
  }
  return std::string(kind) + "-" + sha256_hex(bound_to).substr(0, digest_digits);
}

SessionStore::SessionStore(keychain::SecretStore& keychain, SessionIdentity identity,
                           std::filesystem::path lock_folder)
    : keychain_(keychain),
      identity_(std::move(identity)),
      lock_path_(lock_folder / (store_key("session", identity_, {}, {}) + ".lock")),
      binding_key_(store_key(binding_kind, identity_, {}, {})) {}

Result<FileLock> SessionStore::lock(const Cancellation& cancellation, std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto lock = FileLock::acquire(lock_path_, lock_slice_ms);
    if (lock || lock.error().code != ErrorCode::timed_out) return lock;
    if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The sign-in was not waited for.", "");
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::timed_out, "Another process is busy with your sign-in.",
                  "Try again in a moment.");
    }
  }
}

Result<std::optional<SessionStore::Binding>> SessionStore::binding() {
  const auto text = keychain_.read(binding_key_);
  if (!text) return tl::make_unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto object = parse_stored(**text);
  if (!object) return tl::make_unexpected(object.error());
  Binding binding{text_field(*object, "issuer").value_or(""), text_field(*object, "resource").value_or(""),
                  text_field(*object, "client_id").value_or("")};
  if (binding.issuer.empty() || binding.resource.empty()) return damaged();
  return binding;
}

Result<void> SessionStore::bind(const Binding& binding) {
  return keychain_.write(binding_key_, serialize(binding));
}

Result<std::optional<Tokens>> SessionStore::load() {
  const auto bound = binding();
  if (!bound) return tl::make_unexpected(bound.error());
  if (!*bound) return std::nullopt;
  const auto text = keychain_.read(store_key(tokens_kind, identity_, (*bound)->issuer, (*bound)->resource));
  if (!text) return tl::make_unexpected(text.error());
  if (!*text) return std::nullopt;
  auto tokens = parse_tokens(**text);
  if (!tokens) return tl::make_unexpected(tokens.error());
  if (tokens->issuer != (*bound)->issuer || tokens->resource != (*bound)->resource) return damaged();
  return *std::move(tokens);
}

Result<void> SessionStore::save(const Tokens& tokens) {
  const auto before = binding();
  if (!before && before.error().code != ErrorCode::keychain_damaged)
    return tl::make_unexpected(before.error());
  // The tokens first: a crash in between leaves what was there before.
  if (auto saved = keychain_.write(store_key(tokens_kind, identity_, tokens.issuer, tokens.resource),
                                   auth::serialize(tokens));
      !saved) {
    return saved;
  }
  Binding now{tokens.issuer, tokens.resource, {}};
  if (tokens.client.origin == OAuthClient::Origin::pre_registered)
    now.pre_registered_client = tokens.client.client_id;
  const bool known = before && *before;
  if (known && **before == now) return {};
  if (auto noted = bind(now); !noted) return noted;
  if (known && ((*before)->issuer != now.issuer || (*before)->resource != now.resource)) {
    if (const auto forgotten = forget(**before); !forgotten) log::warn("{}", forgotten.error().message());
  }
  return {};
}

Result<void> SessionStore::remove_tokens(const Tokens& tokens) {
  return done(keychain_.remove(store_key(tokens_kind, identity_, tokens.issuer, tokens.resource)));
}

Result<std::optional<OAuthClient>> SessionStore::load_client(std::string_view issuer,
                                                             std::string_view resource) {
  const auto text = keychain_.read(store_key(client_kind, identity_, issuer, resource));
  if (!text) return tl::make_unexpected(text.error());
  if (!*text) return std::nullopt;
  auto client = parse_client(**text);
  if (!client) return tl::make_unexpected(client.error());
  if (client->issuer != issuer) return damaged();
  return *std::move(client);
}

Result<void> SessionStore::save_client(const OAuthClient& client, std::string_view resource) {
  if (const auto bound = binding(); bound && !*bound) {
    if (auto noted = bind({client.issuer, std::string(resource), {}}); !noted) return noted;
  }
  return keychain_.write(store_key(client_kind, identity_, client.issuer, resource), auth::serialize(client));
}

Result<void> SessionStore::remove_client(std::string_view issuer, std::string_view resource) {
  return done(keychain_.remove(store_key(client_kind, identity_, issuer, resource)));
}

Result<void> SessionStore::forget(const Binding& binding) {
  const auto tokens = keychain_.remove(store_key(tokens_kind, identity_, binding.issuer, binding.resource));
  const auto client = remove_client(binding.issuer, binding.resource);
  if (!tokens) return tl::make_unexpected(tokens.error());
  return client;
}

Result<void> SessionStore::forget() {
  const auto bound = binding();
  if (!bound && bound.error().code != ErrorCode::keychain_damaged) return tl::make_unexpected(bound.error());
  if (bound && *bound) {
    if (auto forgotten = forget(**bound); !forgotten) return forgotten;
  }
  return done(keychain_.remove(binding_key_));
}

}  // namespace clickflow::auth
