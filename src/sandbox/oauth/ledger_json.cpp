#include "ledger_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace clickflow::sandbox {
namespace {

Time time_at(const Json& json, const char* name) {
  const auto time = parse_time(json.at(name).get<std::string>());
  if (!time) throw std::runtime_error(std::string(name) + " is not a time");
  return *time;
}

Json to_json(const OAuthClient& client) {
  return {{"id", client.id},
          {"name", client.name},
          {"authentication", client.authentication},
          {"secretSha256", client.secret_sha256},
          {"redirectUris", client.redirect_uris},
          {"grantTypes", client.grant_types},
          {"scopes", client.scopes},
          {"registeredAt", format_time(client.registered)}};
}

OAuthClient client_from_json(const Json& json) {
  OAuthClient client;
  client.id = json.at("id");
  client.name = json.at("name");
  client.authentication = json.at("authentication");
  client.secret_sha256 = json.at("secretSha256");
  json.at("redirectUris").get_to(client.redirect_uris);
  json.at("grantTypes").get_to(client.grant_types);
  json.at("scopes").get_to(client.scopes);
  client.registered = time_at(json, "registeredAt");
  return client;
}

Json to_json(const OAuthGrant& grant) {
  Json json{{"id", grant.id},
            {"client", grant.client},
            {"person", grant.person},
            {"organizationId", grant.organization},
            {"resource", grant.resource},
            {"scopes", grant.scopes},
            {"beganAt", format_time(grant.began)},
            {"refreshSha256", grant.refresh_sha256},
            {"spentSha256", grant.spent},
            {"rotatedAt", format_time(grant.rotated)},
            {"accessTokens", Json::array()}};
  for (const auto& token : grant.access) {
    json["accessTokens"].push_back({{"jti", token.jti}, {"expiresAt", format_time(token.expires)}});
  }
  return json;
}

OAuthGrant grant_from_json(const Json& json) {
  OAuthGrant grant;
  grant.id = json.at("id");
  grant.client = json.at("client");
  grant.person = json.at("person");
  grant.organization = json.at("organizationId");
  grant.resource = json.at("resource");
  json.at("scopes").get_to(grant.scopes);
  grant.began = time_at(json, "beganAt");
  grant.refresh_sha256 = json.at("refreshSha256");
  json.at("spentSha256").get_to(grant.spent);
  grant.rotated = time_at(json, "rotatedAt");
  for (const auto& token : json.at("accessTokens")) {
    grant.access.push_back({token.at("jti"), time_at(token, "expiresAt")});
  }
  return grant;
}

}  // namespace

Json to_json(const LedgerBook& book) {
  Json json{{"version", 1}, {"clients", Json::array()}, {"grants", Json::array()}};
  for (const auto& client : book.clients) json["clients"].push_back(to_json(client));
  for (const auto& grant : book.grants) json["grants"].push_back(to_json(grant));
  return json;
}

LedgerBook book_from_json(const Json& json) {
  if (json.at("version") != 1) throw std::runtime_error("its version is not 1");
  LedgerBook book;
  for (const auto& client : json.at("clients")) book.clients.push_back(client_from_json(client));
  for (const auto& grant : json.at("grants")) book.grants.push_back(grant_from_json(grant));
  return book;
}

}  // namespace clickflow::sandbox
