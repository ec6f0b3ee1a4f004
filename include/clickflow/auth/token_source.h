#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"
#include "clickflow/base/url.h"
#include "clickflow/http/headers.h"

namespace clickflow::auth {

/// On whose behalf a token is wanted: it decides whether a person may be asked for anything.
struct Occasion {
  Cancellation cancellation;
  /// Somebody is using the program and waits for this: a sign-in may be started. False for whatever runs by
  /// itself.
  bool interactive = false;
  /// Told, in words, what the person is being waited for; may be empty. Called in the waiting thread.
  std::function<void(std::string_view)> notice = {};
  /// Shows a link to the person by a way that suits better than a browser that we open (the assistant's own
  /// window, say). False if that can't be done; may be empty. Called in the waiting thread, also for a link
  /// that was shown before.
  std::function<bool(const std::string& link)> show_link = {};
};

/// A 401, or a 403 with a challenge.
struct Refusal {
  Url url;
  int status = 0;
  http::Headers headers;
  std::string body;  ///< what came of it, 64 KiB at most
};

/// Who we are toward a resource. Any thread may call.
///
/// Both methods may block, and no limit of the request that wants a token counts that. What OAuthSession
/// waits for has limits of its own: 120 s for another thread that renews and 90 s for another process, 50 s
/// for each document of discovery (three of a sign-in server that is known, 16 at most to find it after a
/// refusal), 65 s for the answer to a renewal, keychain::Settings::limit for each call of the keychain, and
/// for a person as long as its SignIn lets a call wait. A cancellation ends all of these but the answer and
/// the keychain.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  /// The bearer token for the next request, or nothing to go without one.
  virtual Result<std::optional<Secret>> token(const Occasion& occasion) = 0;

  /// The server refused `used`. Success means that token() has another one by now, and the request may be
  /// sent once more. Failure is what the person has to be told.
  virtual Result<void> renew(const Refusal& refusal, const std::optional<Secret>& used,
                             const Occasion& occasion) = 0;
};

}  // namespace clickflow::auth
