#include "clickflow/auth/scope_set.h"

#include <algorithm>

namespace clickflow::auth {
namespace {

constexpr size_t most_step_ups = 3;

bool is_scope_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

ScopeSet ScopeSet::parse(std::string_view text) {
  ScopeSet set;
  while (!text.empty()) {
    const auto token = text.substr(0, text.find(' '));
    set.add(token);
    text.remove_prefix(std::min(token.size() + 1, text.size()));
  }
  return set;
}

void ScopeSet::add(std::string_view scope) {
  if (is_scope_token(scope) && !contains(scope)) scopes_.emplace_back(scope);
}

void ScopeSet::add(const ScopeSet& others) {
  for (const auto& scope : others.scopes_) add(scope);
}

bool ScopeSet::contains(std::string_view scope) const {
  return std::find(scopes_.begin(), scopes_.end(), scope) != scopes_.end();
}

bool ScopeSet::contains(const ScopeSet& others) const {
  return std::all_of(others.scopes_.begin(), others.scopes_.end(),
                     [this](const std::string& scope) { return contains(scope); });
}

std::string ScopeSet::to_string() const {
  std::string text;
  for (const auto& scope : scopes_) text += (text.empty() ? "" : " ") + scope;
  return text;
}

ScopeSet choose_scope(const std::optional<http::Challenge>& challenge, const Discovery& discovery,
                      const ScopeSet& before) {
  ScopeSet scope = before;
  const auto challenged = challenge ? challenge->param("scope") : std::nullopt;
  if (challenged) {
    scope.add(ScopeSet::parse(*challenged));
  } else if (discovery.resource_scopes) {
    for (const auto& name : *discovery.resource_scopes) scope.add(name);
  }
  const auto& listed = discovery.server.scopes_supported;
  if (std::find(listed.begin(), listed.end(), offline_access) != listed.end()) scope.add(offline_access);
  return scope;
}

bool StepUps::worth_asking(const ScopeSet& wanted) const {
  std::lock_guard lock(mutex_);
  return asked_.size() < most_step_ups && !asked_.contains(wanted.to_string());
}

void StepUps::asked(const ScopeSet& wanted) {
  std::lock_guard lock(mutex_);
  asked_.insert(wanted.to_string());
}

}  // namespace clickflow::auth
