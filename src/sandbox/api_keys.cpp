#include "clickflow/sandbox/api_keys.h"
#include "clickflow/base/sha256.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/random.h"
#include "clickflow/sandbox/shared_json_file.h"

namespace clickflow::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_prefix = "cf_ak_";
constexpr size_t key_length = 32;   // after the prefix: 190 bits
constexpr size_t start_length = 4;  // after the prefix: too little to guess the rest from

void put_time(Json& json, const char* name, const std::optional<Time>& time) {
  if (time) json[name] = format_time(*time);
}

std::optional<Time> get_time(const Json& json, const char* name) {
  if (!json.contains(name)) return std::nullopt;
  auto time = parse_time(json.at(name).get<std::string>());
  if (!time) throw std::runtime_error(std::string(name) + " is not a time");
  return time;
}

Json to_json(const ApiKey& key) {
  Json json{{"id", key.id},         {"name", key.name},        {"start", key.start},
            {"sha256", key.sha256}, {"scopes", Json::array()}, {"organizationId", key.organization}};
  for (const auto& scope : key.scopes) json["scopes"].push_back(scope.text());
  put_time(json, "createdAt", key.created);
  put_time(json, "expiresAt", key.expires);
  put_time(json, "revokedAt", key.revoked);
  put_time(json, "lastUsedAt", key.last_used);
  return json;
}

ApiKey from_json(const Json& json) {
  ApiKey key;
  key.id = json.at("id");
  key.name = json.at("name");
  key.start = json.at("start");
  key.sha256 = json.at("sha256");
  key.organization = json.at("organizationId");
  for (const auto& text : json.at("scopes")) {
    auto scope = mcp::Scope::parse(text.get<std::string>());
    if (!scope) throw std::runtime_error(scope.error().what);
    key.scopes.push_back(*std::move(scope));
  }
  key.created = get_time(json, "createdAt").value_or(Time());
  key.expires = get_time(json, "expiresAt");
  key.revoked = get_time(json, "revokedAt");
  key.last_used = get_time(json, "lastUsedAt");
  return key;
}

}  // namespace

std::string ApiKey::status(Time now) const {
  if (revoked) return "revoked";
  return expires && *expires <= now ? "expired" : "active";
}

ApiKeys::ApiKeys(fs::path file, Clock clock)
    : file_(std::make_unique<SharedJsonFile>(
          std::move(file), "Move it away and make new keys, or start with another folder (--data).")),
      clock_(std::move(clock)) {}

ApiKeys::~ApiKeys() = default;

Result<void> ApiKeys::reload() {
  return file_->reload([this](const Json& document) {
    std::vector<ApiKey> keys;
    if (!document.is_null()) {
      for (const auto& json : document.at("keys")) keys.push_back(from_json(json));
    }
    keys_ = std::move(keys);
  });
}

Result<void> ApiKeys::write() {
  Json json{{"version", 1}, {"keys", Json::array()}};
  for (auto& key : keys_) {
    if (auto used = used_.find(key.id); used != used_.end()) key.last_used = used->second;
    json["keys"].push_back(to_json(key));
  }
  auto written = file_->write(json);
  if (written) used_.clear();
  return written;
}

template <class Change>
Result<void> ApiKeys::change(Change change) {
  std::lock_guard guard(mutex_);
  const auto lock = file_->lock();
  if (!lock) return tl::make_unexpected(lock.error());
  if (auto loaded = reload(); !loaded) return loaded;
  if (Result<void> changed = change(); !changed) return changed;
  return write();
}

Result<MadeApiKey> ApiKeys::create(const NewApiKey& wanted) {
  const Secret secret(std::string(key_prefix) + random_text(key_length));
  ApiKey key{"key_" + random_text(8),
             wanted.name,
             std::string(secret.expose().substr(0, key_prefix.size() + start_length)),
             sha256_hex(secret.expose()),
             wanted.organization,
             wanted.scopes,
             clock_(),
             wanted.expires,
             {},
             {}};
  const auto done = change([&]() -> Result<void> {
    keys_.push_back(key);
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return MadeApiKey{std::move(key), secret};
}

Result<std::vector<ApiKey>> ApiKeys::list() {
  std::lock_guard guard(mutex_);
  if (auto loaded = reload(); !loaded) return tl::make_unexpected(loaded.error());
  std::vector<ApiKey> keys = keys_;
  for (auto& key : keys) {
    if (auto used = used_.find(key.id); used != used_.end()) key.last_used = used->second;
  }
  return keys;
}

Result<ApiKey> ApiKeys::revoke(std::string_view id) {
  ApiKey revoked;
  const auto done = change([&]() -> Result<void> {
    auto key = std::find_if(keys_.begin(), keys_.end(), [&](const ApiKey& k) { return k.id == id; });
    if (key == keys_.end()) {
      return fail(ErrorCode::invalid_input, "There is no key \"" + std::string(id) + "\".",
                  "\"clickflow-sandbox keys list\" shows their ids.");
    }
    if (!key->revoked) key->revoked = clock_();
    revoked = *key;
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return revoked;
}

std::optional<ApiKey> ApiKeys::authenticate(std::string_view text) {
  if (!text.starts_with(key_prefix)) return std::nullopt;
  const std::string digest = sha256_hex(text);
  const Time now = clock_();
  std::lock_guard guard(mutex_);
  if (auto loaded = reload(); !loaded) log::warn("{}", loaded.error().message());
  auto key = std::find_if(keys_.begin(), keys_.end(), [&](const ApiKey& k) { return k.sha256 == digest; });
  if (key == keys_.end() || key->status(now) != "active") return std::nullopt;
  used_[key->id] = now;
  return *key;
}

Result<void> ApiKeys::flush() {
  {
    std::lock_guard guard(mutex_);
    if (used_.empty()) return {};
  }
  return change([]() -> Result<void> { return {}; });
}

}  // namespace clickflow::sandbox
