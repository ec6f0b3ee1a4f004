#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "clickflow/sandbox/account.h"

namespace clickflow::sandbox {

/// Where callers have switched to that have no session, over REST and over modern MCP: there a switch holds
/// for the credential, until the sandbox ends. Any thread may call anything.
class SwitchedOrganizations {
 public:
  using Told = std::function<void(const Caller& caller, const std::string& before, const std::string& after)>;

  /// `told` hears of each switch, in the thread that made it.
  explicit SwitchedOrganizations(Told told = {});

  /// Empty until the caller switches.
  std::string of(const Caller& caller) const;
  void switch_to(const Caller& caller, const std::string& organization);

 private:
  const Told told_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> organizations_;  // by caller
};

}  // namespace clickflow::sandbox
