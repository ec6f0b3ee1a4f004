#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/auth/discovery.h"

namespace clickflow::auth {

/// OAuth scopes (RFC 6749, section 3.3), each once, in the order in which they came. What is no scope token
/// is dropped.
class ScopeSet {
 public:
  ScopeSet() = default;
  static ScopeSet parse(std::string_view text);

  void add(std::string_view scope);
  void add(const ScopeSet& others);
  bool contains(std::string_view scope) const;
  bool contains(const ScopeSet& others) const;
  bool empty() const { return scopes_.empty(); }
  /// As it is sent: separated by spaces, empty where the parameter is to be left out.
  std::string to_string() const;

 private:
  std::vector<std::string> scopes_;
};

constexpr std::string_view offline_access = "offline_access";

/// What to ask for at a sign-in (MCP, "Scope Selection Strategy"): the challenge's scopes, else those that
/// the resource lists, else none; and `offline_access` where the authorization server lists it, since without
/// it there is no refresh token. `before` is what was asked for earlier and must not get lost.
ScopeSet choose_scope(const std::optional<http::Challenge>& challenge, const Discovery& discovery,
                      const ScopeSet& before);

/// Keeps step-ups (403 `insufficient_scope`) from going round in circles: the same scopes are asked for once
/// only, and no more than three times altogether. Any thread.
class StepUps {
 public:
  /// False where asking the person (again) would be of no use.
  bool worth_asking(const ScopeSet& wanted) const;
  /// To be called when the person has answered, whether or not they agreed.
  void asked(const ScopeSet& wanted);

 private:
  mutable std::mutex mutex_;
  std::set<std::string> asked_;
};

}  // namespace clickflow::auth
