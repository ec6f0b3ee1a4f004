#include "clickflow/sandbox/oauth/token_service.h"
#include "clickflow/base/sha256.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/oauth/grant_types.h"
#include "clickflow/sandbox/oauth/jwt.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* access_type = "at+jwt";  // RFC 9068, section 2.1
constexpr const char* id_type = "JWT";
constexpr std::string_view refresh_prefix = "cf_rt_";
constexpr size_t token_length = 43;  // 256 bits
constexpr auto id_token_life = std::chrono::hours(1);

int64_t seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

void add_profile(Json& claims, const Person& person, const OAuthScopes& scopes) {
  if (contains(scopes, "email")) {
    claims["email"] = person.email;
    claims["email_verified"] = true;
  }
  if (contains(scopes, "profile")) claims["name"] = person.name;
}

TokenService::TokenService(std::string issuer, std::string resource, Ledger& ledger, SigningKey& key,
                           Clock clock, const OAuthSettings& settings)
    : issuer_(std::move(issuer)),
      resource_(std::move(resource)),
      ledger_(ledger),
      key_(key),
      clock_(std::move(clock)),
      settings_(settings) {}

IssuedTokens TokenService::issue(OAuthGrant& grant, const OAuthScopes& scopes, bool with_refresh) {
  const Time now = clock_();
  const IssuedAccessToken token{"at_" + random_text(22), now + settings_.token_lifetime};
  const Person& person = *find_person(grant.person);
  IssuedTokens issued;
  issued.grant = grant.id;
  issued.expires_in = settings_.token_lifetime;
  issued.scopes = scopes;
  issued.access = make_jwt(key_, access_type,
                           {{"iss", issuer_},
                            {"sub", grant.person},
                            {"aud", grant.resource},
                            {"exp", seconds(token.expires)},
                            {"iat", seconds(now)},
                            {"jti", token.jti},
                            {"sid", grant.id},
                            {"client_id", grant.client},
                            {"scope", to_string(scopes)},
                            {"org_id", grant.organization},
                            {"email", person.email}});
  grant.access.push_back(token);
  if (with_refresh) {
    issued.refresh = std::string(refresh_prefix) + random_text(token_length);
    grant.refresh_sha256 = sha256_hex(issued.refresh);
  }
  return issued;
}

std::string TokenService::id_token(const OAuthGrant& grant, const std::string& nonce) {
  const Time now = clock_();
  Json claims{{"iss", issuer_},
              {"sub", grant.person},
              {"aud", grant.client},
              {"exp", seconds(now + id_token_life)},
              {"iat", seconds(now)},
              {"sid", grant.id},
              {"org_id", grant.organization}};
  if (!nonce.empty()) claims["nonce"] = nonce;
  add_profile(claims, *find_person(grant.person), grant.scopes);
  return make_jwt(key_, id_type, claims);
}

OAuthResult<IssuedTokens> TokenService::begin(const OAuthClient& client, const Consent& consent) {
  OAuthGrant grant;
  grant.id = "grant_" + random_text(22);
  grant.client = client.id;
  grant.person = consent.person->id;
  grant.organization = consent.organization;
  grant.resource = consent.resource;
  grant.scopes = consent.scopes;
  grant.began = grant.rotated = clock_();
  const bool with_refresh = contains(grant.scopes, "offline_access") && client.may_use(refresh_token_grant);
  IssuedTokens issued = issue(grant, grant.scopes, with_refresh);
  if (contains(grant.scopes, "openid")) issued.id = id_token(grant, consent.nonce);
  const auto written = ledger_.change([&](LedgerBook& book) {
    book.grants.push_back(grant);
    return true;
  });
  if (!written) return server_error(written.error());
  return issued;
}

OAuthResult<IssuedTokens> TokenService::refresh(const OAuthClient& client, std::string_view refresh_token,
                                                const std::string& resource,
                                                const std::optional<OAuthScopes>& scopes) {
  const std::string digest = sha256_hex(refresh_token);
  OAuthResult<IssuedTokens> result = refuse("invalid_grant", "The refresh token is not known, or has ended.");
  const auto written = ledger_.change([&](LedgerBook& book) {
    const auto is_spent = [&](const OAuthGrant& grant) {
      return std::find(grant.spent.begin(), grant.spent.end(), digest) != grant.spent.end();
    };
    const auto found = std::find_if(book.grants.begin(), book.grants.end(), [&](const OAuthGrant& grant) {
      return grant.client == client.id && (grant.refresh_sha256 == digest || is_spent(grant));
    });
    if (found == book.grants.end()) return false;
    OAuthGrant& grant = *found;
    if (is_spent(grant)) {
      const bool in_grace =
          grant.spent.back() == digest && clock_() < grant.rotated + settings_.refresh_grace;
      if (!in_grace) {
        ++reuses_;
        log::warn("A refresh token of {} was used twice; its sign-in has been ended.", grant.id);
        result = refuse("invalid_grant", "The refresh token was used before. The sign-in has been ended.");
        book.end_grant(std::string(grant.id));
        return true;
      }
    }
    if (resource != grant.resource) {
      result = refuse("invalid_target", "The resource must be the one that was allowed: " + grant.resource);
      return false;
    }
    if (scopes && !covers(grant.scopes, *scopes)) {
      result = refuse("invalid_scope", "Only what was allowed can be asked for: " + to_string(grant.scopes));
      return false;
    }
    if (grant.refresh_sha256 == digest) {
      grant.rotated = clock_();
      grant.spent.push_back(digest);
    } else {  // in grace: the answer with the newer one is taken for lost
      grant.spent.insert(grant.spent.end() - 1, grant.refresh_sha256);
    }
    result = issue(grant, scopes.value_or(grant.scopes), true);
    return true;
  });
  if (!written) return server_error(written.error());
  return result;
}

std::optional<SignedIn> TokenService::verify(std::string_view access_token) {
  const auto claims = read_jwt(key_, access_type, access_token);
  if (!claims || member(*claims, "iss") != issuer_ || member(*claims, "aud") != resource_) return {};
  const Json expires = member(*claims, "exp");
  const Json jti = member(*claims, "jti");
  const Json sid = member(*claims, "sid");
  if (!expires.is_number_integer() || expires.get<int64_t>() <= seconds(clock_()) || !jti.is_string() ||
      !sid.is_string()) {
    return {};
  }
  std::optional<SignedIn> who;
  const auto read = ledger_.read([&](const LedgerBook& book) {
    const OAuthGrant* grant = book.find_grant(sid.get<std::string>());
    if (!grant) return;
    const bool known = std::any_of(grant->access.begin(), grant->access.end(),
                                   [&](const IssuedAccessToken& token) { return jti == token.jti; });
    const Person* person = find_person(grant->person);
    const auto scopes = parse_scopes(member(*claims, "scope").get<std::string>());
    if (known && person && scopes) who = SignedIn{grant->id, person, grant->organization, *scopes};
  });
  if (!read) log::warn("{}", read.error().message());
  return who;
}

OAuthResult<void> TokenService::revoke(const OAuthClient& client, std::string_view token) {
  const std::string digest = sha256_hex(token);
  const auto claims = read_jwt(key_, access_type, token);
  const Json jti = claims ? member(*claims, "jti") : Json();
  const auto written = ledger_.change([&](LedgerBook& book) {
    for (auto& grant : book.grants) {
      if (grant.client != client.id) continue;
      if (grant.refresh_sha256 == digest ||
          std::find(grant.spent.begin(), grant.spent.end(), digest) != grant.spent.end()) {
        book.end_grant(std::string(grant.id));
        return true;
      }
      if (std::erase_if(grant.access, [&](const IssuedAccessToken& one) { return jti == one.jti; }) > 0) {
        return true;
      }
    }
    return false;
  });
  if (!written) return server_error(written.error());
  return {};
}

}  // namespace clickflow::sandbox
