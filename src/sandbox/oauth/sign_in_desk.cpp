#include "clickflow/sandbox/oauth/sign_in_desk.h"

#include "clickflow/base/url.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/oauth/redirect_uri.h"
#include "clickflow/sandbox/oauth/sign_in_pages.h"
#include "clickflow/sandbox/web/page.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* authorize_path = "/oauth/authorize";
constexpr const char* device_path = "/device";

// Only to where a sign-in can have begun: no form leads a browser to another site.
bool is_way_back(const std::string& target) {
  const auto url = Url::parse("http://127.0.0.1" + target);
  return url && url->target == target && (url->path() == authorize_path || url->path() == device_path);
}

// The same request, once the person has signed in: what asked for that is done.
std::string without_prompt(const std::string& target) {
  const size_t start = target.find('?');
  if (start == std::string::npos) return target;
  std::string kept;
  std::string_view rest = std::string_view(target).substr(start + 1);
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    if (!field.starts_with("prompt=")) kept += (kept.empty() ? "?" : "&") + std::string(field);
  }
  return target.substr(0, start) + kept;
}

std::string device_target(const std::string& user_code) {
  return std::string(device_path) + "?" + Form{{"user_code", user_code}}.encode();
}

// Nothing where the form names an organization that is not the person's.
std::optional<std::string> chosen_organization(const Form& form, const Person& person) {
  const std::string organization = field(form, "organization");
  if (organization.empty()) return person.organizations.front();
  return person.is_member_of(organization) ? std::optional(organization) : std::nullopt;
}

}  // namespace

SignInDesk::SignInDesk(std::string issuer, std::string resource, Ledger& ledger, AuthorizationCodes& codes,
                       DeviceCodes& devices, Counters& counters, Clock clock)
    : issuer_(std::move(issuer)),
      resource_(std::move(resource)),
      ledger_(ledger),
      codes_(codes),
      devices_(devices),
      counters_(counters),
      sessions_("clickflow_sign_in_" + std::to_string(Url::parse(issuer_)->port), std::move(clock)) {}

tl::expected<Form, Reply> SignInDesk::own_form(const Request& request, const BrowserSession& session) const {
  auto form = read_form(request);
  if (!form || !BrowserSessions::is_own_form(session, request, *form, issuer_)) {
    return tl::make_unexpected(expired_form_page());
  }
  return *std::move(form);
}

Reply SignInDesk::authorize(const Request& request) {
  const BrowserSession session = sessions_.open(request);
  const auto wanted = read_authorization_request(request, ledger_, issuer_, resource_);
  if (!wanted) return sessions_.keep(wanted.error(), session);
  if (request.method == "POST") return decide(request, *wanted, session);

  if (wanted->allows_no_page) {
    return session.person
               ? answer_with_error(*wanted, issuer_, "consent_required", "The person must be asked.")
               : answer_with_error(*wanted, issuer_, "login_required", "Nobody has signed in.");
  }
  const std::string target = without_prompt(request.target);
  const std::string form_target = csp_source(wanted->redirect_uri);
  if (!session.person || wanted->asks_for_sign_in) {
    counters_.count_sign_in_page();
    return sessions_.keep(sign_in_page(session, target, "", form_target), session);
  }
  counters_.count_consent_page();
  return sessions_.keep(
      consent_page(session, {target, target, wanted->client.name, redirect_place(wanted->redirect_uri), "",
                             wanted->resource, wanted->scopes, form_target}),
      session);
}

Reply SignInDesk::decide(const Request& request, const AuthorizationRequest& wanted,
                         const BrowserSession& session) {
  const auto form = own_form(request, session);
  if (!form) return form.error();
  if (!session.person) return see_other(request.target);
  const std::string decision = field(*form, "decision");
  if (decision == "deny") return answer_with_error(wanted, issuer_, "access_denied", "The person said no.");
  const auto organization = chosen_organization(*form, *session.person);
  if (decision != "allow" || !organization) return expired_form_page();
  return answer_with_code(
      wanted, issuer_,
      codes_.add({wanted.client.id,
                  wanted.redirect_uri,
                  wanted.code_challenge,
                  {session.person, *organization, wanted.resource, wanted.scopes, wanted.nonce}}));
}

Reply SignInDesk::device(const Request& request) {
  const BrowserSession session = sessions_.open(request);
  const auto query = read_query(request);
  const std::string typed = query ? field(*query, "user_code") : "";
  if (typed.empty()) return sessions_.keep(device_page("", ""), session);
  const std::string user_code = DeviceCodes::as_shown(typed);
  const auto wanted = devices_.find(user_code);
  if (!wanted) {
    return sessions_.keep(
        device_page(typed, "That code is not known, was used, or is too old. Compare it with your device."),
        session);
  }
  if (request.method == "POST") return decide_device(request, user_code, *wanted, session);
  const std::string target = device_target(user_code);
  if (!session.person) return sessions_.keep(sign_in_page(session, target, "", ""), session);
  std::string name = "A program that is no longer registered";
  const auto read = ledger_.read([&](const LedgerBook& book) {
    if (const OAuthClient* client = book.find_client(wanted->client)) name = client->name;
  });
  if (!read) return failure_page(read.error());
  return sessions_.keep(
      consent_page(session, {target, target, name, "", user_code, wanted->resource, wanted->scopes, ""}),
      session);
}

Reply SignInDesk::decide_device(const Request& request, const std::string& user_code,
                                const DeviceRequest& wanted, const BrowserSession& session) {
  const auto form = own_form(request, session);
  if (!form) return form.error();
  if (!session.person) return see_other(device_target(user_code));
  const std::string decision = field(*form, "decision");
  const auto organization = chosen_organization(*form, *session.person);
  if ((decision != "allow" && decision != "deny") || !organization) return expired_form_page();
  std::optional<Consent> consent;
  if (decision == "allow") consent = {session.person, *organization, wanted.resource, wanted.scopes, ""};
  if (!devices_.decide(user_code, consent)) return see_other(device_path);
  if (!consent) {
    return message_page(200, "Access denied", "The device was told that you said no.",
                        "You can close this tab.");
  }
  return message_page(200, "Your device is connected", "It may now use ClickFlow as you.",
                      "Close this tab and go back to your device, which goes on in a few seconds.");
}

Reply SignInDesk::sign_in(const Request& request) {
  const BrowserSession session = sessions_.open(request);
  const auto form = own_form(request, session);
  if (!form) return sessions_.keep(form.error(), session);
  const std::string return_to = field(*form, "return_to");
  if (!is_way_back(return_to)) return expired_form_page();
  const Person* person = find_person_by_email(field(*form, "email"));
  if (!person) {
    return sign_in_page(session, return_to,
                        "Nobody in this sandbox has that email address. Choose one of the people below.", "");
  }
  return sessions_.keep(see_other(return_to), sessions_.sign_in(session, person));
}

Reply SignInDesk::sign_out(const Request& request) {
  const BrowserSession session = sessions_.open(request);
  const auto form = own_form(request, session);
  if (!form) return sessions_.keep(form.error(), session);
  const std::string return_to = field(*form, "return_to");
  if (!is_way_back(return_to)) return expired_form_page();
  return sessions_.keep(see_other(return_to), sessions_.sign_in(session, nullptr));
}

}  // namespace clickflow::sandbox
