#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "clickflow/auth/callback_page.h"
#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"

namespace clickflow::auth {

/// Where the browser brings the answer of one sign-in (RFC 8252, section 7.3): an address on 127.0.0.1, or on
/// ::1 where the machine has no IPv4, that exists before the browser opens and is gone with this object.
///
/// Anyone on the machine, and any page in a browser, can send requests to it. Only a GET of the one path,
/// with the exact Host and without a body, is shown to `decide`; everything else gets a constant 400, 404 or
/// 405, and the login goes on waiting. Any thread may call any method.
class LoopbackListener {
 public:
  enum class Verdict { accept, reject };
  /// Is given the query as it was sent (without "?"), and compares its `state`, in constant time, before it
  /// looks at anything else in it. Called in a thread of the listener, one call at a time; must not block.
  using Decide = std::function<Verdict(std::string_view query)>;

  /// `port` 0 takes a free one. `invalid_input` for a port that is in use or needs an administrator, `system`
  /// for what else the operating system refuses.
  static Result<std::unique_ptr<LoopbackListener>> start(uint16_t port, Decide decide);
  ~LoopbackListener();

  /// As in http://127.0.0.1:49152/callback.
  const std::string& redirect_uri() const;
  uint16_t port() const;

  struct Callback {
    Secret query;  ///< the first that was accepted; it holds the authorization code, or an error
  };
  struct TimedOut {};
  struct Cancelled {};
  using Outcome = std::variant<Callback, TimedOut, Cancelled>;

  Outcome wait(std::chrono::milliseconds limit, const Cancellation& cancellation);

  /// How the sign-in ended, for the tab that waits for it. The tab is given CallbackPage::received if this
  /// isn't called within 15 s of the answer, or not before the end.
  void show(CallbackPage page);

  /// Prompt, though a tab that waits still gets its page. The port is free afterwards.
  void stop();

 private:
  struct State;
  explicit LoopbackListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace clickflow::auth
