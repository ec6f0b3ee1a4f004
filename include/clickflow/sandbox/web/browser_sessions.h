#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "clickflow/base/form.h"
#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// What one browser is to a site, as a cookie tells it.
struct BrowserSession {
  std::string id;
  std::string form_token;          ///< goes into each form, and comes back from it
  const Person* person = nullptr;  ///< who has signed in
  bool is_new = false;             ///< the browser doesn't have the cookie yet
};

/// The cookies of one site, in memory: after a restart people sign in again. At most 1000, each for 12 hours
/// after its last use. Any thread may call anything.
class BrowserSessions {
 public:
  /// Browsers keep the cookies of all ports of a host together, so `cookie` is a name that no other site on
  /// this machine has.
  BrowserSessions(std::string cookie, Clock clock);

  /// The browser's session; a new one where it has none.
  BrowserSession open(const Request& request);

  /// True where the form was made for this session, and comes from a page of this `origin`: no page of
  /// another site can know the token, and where the browser says where the form was, it is here.
  static bool is_own_form(const BrowserSession& session, const Request& request, const Form& form,
                          const std::string& origin);

  /// Starts anew with this person, or with nobody. The id changes, so that one that was planted is of no use.
  BrowserSession sign_in(const BrowserSession& session, const Person* person);

  /// Has the browser keep the session, where it is new.
  Reply keep(Reply reply, const BrowserSession& session) const;

 private:
  struct Entry {
    std::string form_token;
    const Person* person = nullptr;
    Time used;
  };
  BrowserSession add(const Person* person);

  const std::string cookie_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> sessions_;
};

}  // namespace clickflow::sandbox
