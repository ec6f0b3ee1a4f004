#include "clickflow/sandbox/web/browser_sessions.h"

#include <openssl/crypto.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "../make_room.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_sessions = 1000;
constexpr auto life = std::chrono::hours(12);
constexpr size_t id_length = 32;

// RFC 6265, section 4.2.1: `a=1; b=2`.
std::string_view cookie_of(const Request& request, std::string_view name) {
  std::string_view header = request.header("cookie");
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace

BrowserSessions::BrowserSessions(std::string cookie, Clock clock)
    : cookie_(std::move(cookie)), clock_(std::move(clock)) {}

BrowserSession BrowserSessions::add(const Person* person) {
  const Time now = clock_();
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.used + life < now; });
  make_room(sessions_, most_sessions, [](const Entry& entry) { return entry.used; });
  const BrowserSession session{random_text(id_length), random_text(id_length), person, true};
  sessions_[session.id] = {session.form_token, person, now};
  return session;
}

BrowserSession BrowserSessions::open(const Request& request) {
  std::lock_guard guard(mutex_);
  const auto found = sessions_.find(std::string(cookie_of(request, cookie_)));
  if (found == sessions_.end() || found->second.used + life < clock_()) return add(nullptr);
  found->second.used = clock_();
  return {found->first, found->second.form_token, found->second.person, false};
}

bool BrowserSessions::is_own_form(const BrowserSession& session, const Request& request, const Form& form,
                                  const std::string& origin) {
  const std::string& from = request.header("origin");
  const auto token = form.get("form_token");
  return (from.empty() || from == origin) && token && token->size() == session.form_token.size() &&
         CRYPTO_memcmp(token->data(), session.form_token.data(), token->size()) == 0;
}

BrowserSession BrowserSessions::sign_in(const BrowserSession& session, const Person* person) {
  std::lock_guard guard(mutex_);
  sessions_.erase(session.id);
  return add(person);
}

Reply BrowserSessions::keep(Reply reply, const BrowserSession& session) const {
  if (session.is_new) {
    // Lax, since a sign-in begins with a link from elsewhere; forms from elsewhere come without it.
    reply.headers.emplace_back("Set-Cookie",
                               fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax", cookie_, session.id));
  }
  return reply;
}

}  // namespace clickflow::sandbox
