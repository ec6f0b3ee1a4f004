#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "clickflow/base/environment.h"
#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/commands.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/server.h"

namespace clickflow::sandbox {
namespace {

int report(const Error& error) {
  std::cerr << "clickflow-sandbox: " << error.message() << "\n";
  return 1;
}

Result<NewApiKey> read_options(const NewKeyOptions& options) {
  NewApiKey wanted;
  wanted.name = options.name;
  for (const auto& text : options.scopes.empty() ? std::vector<std::string>{"tools:*"} : options.scopes) {
    auto scope = mcp::Scope::parse(text);
    if (!scope) return tl::make_unexpected(scope.error());
    wanted.scopes.push_back(*std::move(scope));
  }
  wanted.organization = options.organization.empty() ? organizations().front().id : options.organization;
  if (!people().front().is_member_of(wanted.organization)) {
    std::vector<std::string> ids;
    for (const auto& organization : organizations()) ids.push_back(organization.id);
    return fail(ErrorCode::invalid_input,
                fmt::format("There is no organization \"{}\".", wanted.organization),
                fmt::format("The sandbox has {}.", fmt::join(ids, " and ")));
  }
  if (!options.expires_in.empty()) {
    const auto duration = parse_duration(options.expires_in);
    if (!duration) return tl::make_unexpected(duration.error());
    wanted.expires = system_now() + *duration;
  }
  return wanted;
}

std::string scopes_of(const ApiKey& key) {
  std::vector<std::string> texts;
  for (const auto& scope : key.scopes) texts.push_back(scope.text());
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string time_or(const std::optional<Time>& time, const char* otherwise) {
  return time ? format_time(*time) : otherwise;
}

// The properties that the document gives a key.
Json to_json(const ApiKey& key, Time now) {
  Json json{{"id", key.id}, {"name", key.name}, {"start", key.start}, {"status", key.status(now)}};
  json["scopes"] = Json::array();
  for (const auto& scope : key.scopes) json["scopes"].push_back(scope.text());
  json["organizationId"] = key.organization;
  json["expiresAt"] = key.expires ? Json(format_time(*key.expires)) : Json();
  json["lastUsedAt"] = key.last_used ? Json(format_time(*key.last_used)) : Json();
  return json;
}

}  // namespace

std::filesystem::path default_data_folder() {
  const auto folder = [](const char* name) { return std::filesystem::path(environment(name).value_or("")); };
  if (auto data = folder("XDG_DATA_HOME"); data.is_absolute()) return data / "clickflow-sandbox";
  if (auto home = folder("HOME"); !home.empty()) return home / ".local" / "share" / "clickflow-sandbox";
  return folder("LOCALAPPDATA") / "clickflow-sandbox";
}

int create_key(const std::filesystem::path& data, const NewKeyOptions& options) {
  const auto wanted = read_options(options);
  if (!wanted) return report(wanted.error());
  const auto made = ApiKeys(keys_file(data), system_now).create(*wanted);
  if (!made) return report(made.error());
  std::cout << made->secret.expose() << std::endl;
  std::cerr << fmt::format("{} ({}) may call {} in {}, and expires {}. It is shown only this once.\n",
                           made->key.id, made->key.name, scopes_of(made->key), made->key.organization,
                           time_or(made->key.expires, "never"));
  return 0;
}

int list_keys(const std::filesystem::path& data, bool as_json) {
  const auto keys = ApiKeys(keys_file(data), system_now).list();
  if (!keys) return report(keys.error());
  const Time now = system_now();
  if (as_json) {
    Json list = Json::array();
    for (const auto& key : *keys) list.push_back(to_json(key, now));
    std::cout << to_readable_text(list) << "\n";
    return 0;
  }
  if (keys->empty()) {
    std::cerr << "There are no keys yet. Make one with \"clickflow-sandbox keys create\".\n";
    return 0;
  }
  constexpr auto row = "{:13} {:12} {:8} {:11} {:21} {:21} {:20} {}\n";
  std::cout << fmt::format(row, "ID", "KEY", "STATUS", "ORG", "EXPIRES", "LAST USED", "NAME", "SCOPES");
  for (const auto& key : *keys) {
    std::cout << fmt::format(row, key.id, key.start + "…", key.status(now), key.organization,
                             time_or(key.expires, "never"), time_or(key.last_used, "never"), key.name,
                             scopes_of(key));
  }
  return 0;
}

int revoke_key(const std::filesystem::path& data, const std::string& id) {
  const auto revoked = ApiKeys(keys_file(data), system_now).revoke(id);
  if (!revoked) return report(revoked.error());
  std::cerr << fmt::format("{} ({}) is revoked. Whoever uses it gets 401 from now on.\n", revoked->id,
                           revoked->name);
  return 0;
}

}  // namespace clickflow::sandbox
