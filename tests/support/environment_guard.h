#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clickflow/base/boost_environment.h"

namespace clickflow::testing {

/// Sets variables of this process's environment and puts them back when it goes.
class EnvironmentGuard {
 public:
  /// Nothing unsets the variable.
  void set(const std::string& name, const std::optional<std::string>& value) {
    auto entry = environment_[name];
    before_.emplace_back(name, entry.empty() ? std::nullopt : std::optional(entry.to_string()));
    assign(name, value);
  }
  /// Every variable that says something about a proxy is unset: the machine that runs the test may have them.
  static EnvironmentGuard without_proxies() {
    EnvironmentGuard guard;
    for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY",
                             "REQUEST_METHOD"}) {
      guard.set(name, std::nullopt);
    }
    return guard;
  }

  EnvironmentGuard() = default;
  EnvironmentGuard(EnvironmentGuard&&) = default;
  ~EnvironmentGuard() {
    for (auto entry = before_.rbegin(); entry != before_.rend(); ++entry) assign(entry->first, entry->second);
  }

 private:
  void assign(const std::string& name, const std::optional<std::string>& value) {
    auto entry = environment_[name];
    value ? void(entry = *value) : entry.clear();
  }

  boost::process::native_environment environment_;
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

}  // namespace clickflow::testing
