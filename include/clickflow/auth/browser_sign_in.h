#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clickflow/auth/browser.h"
#include "clickflow/auth/code_flow.h"
#include "clickflow/auth/gate.h"
#include "clickflow/auth/one_tab.h"
#include "clickflow/auth/sign_in.h"
#include "clickflow/auth/surroundings.h"

namespace clickflow::auth {

/// A sign-in through the system's browser and a loopback redirect (RFC 8252). However many calls, in however
/// many processes, want it at once, one tab opens. The tab stays good for `tab_limit`, also when the call
/// that opened it has stopped waiting.
class BrowserSignIn : public SignIn {
 public:
  struct Settings {
    uint16_t callback_port = 0;  ///< 0: a free one
    /// How long a call waits for the person. Hosts give up on a call after about 60 s.
    std::chrono::milliseconds patience = std::chrono::seconds(45);
    std::chrono::seconds tab_limit = std::chrono::minutes(10);
    Surroundings surroundings;
  };

  /// What `context` and `browser` refer to outlives this object. `tabs` stands for what is signed in to.
  BrowserSignIn(SignInContext context, Browser& browser, OneTab tabs, Settings settings);
  /// Gives up what is under way. No call may be running.
  ~BrowserSignIn() override;

  Result<void> sign_in(const SignInRequest& request, const std::function<Result<bool>()>& done,
                       const Occasion& occasion) override;

 private:
  class Attempt;

  Result<std::shared_ptr<Attempt>> join(const SignInRequest& request,
                                        const std::function<Result<bool>()>& done, const Occasion& occasion,
                                        std::chrono::steady_clock::time_point deadline);
  Result<std::shared_ptr<Attempt>> start(OneTab::Turn turn, const SignInRequest& request,
                                         const Occasion& occasion);
  std::shared_ptr<Attempt> current() const;
  void show(const std::string& link, const Occasion& occasion);
  Error pending(const std::optional<std::string>& link) const;

  const SignInContext context_;
  Browser& browser_;
  const OneTab tabs_;
  const Settings settings_;
  Gate gate_;  // one thread looks for a turn or starts; the others join what it finds
  mutable std::mutex mutex_;
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace clickflow::auth
