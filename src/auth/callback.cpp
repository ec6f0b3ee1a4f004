#include "clickflow/auth/callback.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "clickflow/base/form.h"

namespace clickflow::auth {
namespace {

using Kind = CallbackFailure::Kind;

constexpr const char* again = "Sign in again.";

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool has_state(const Form& form, std::string_view state) {
  return form.count("state") == 1 && same(*form.get("state"), state);
}

tl::unexpected<CallbackFailure> refuse(Kind kind, ErrorCode code, std::string what, std::string remedy) {
  return tl::make_unexpected(CallbackFailure{kind, {code, std::move(what), std::move(remedy)}});
}

// RFC 6749, section 4.1.2.1, and what OpenID Connect adds.
tl::unexpected<CallbackFailure> server_refusal(std::string_view error, const std::string& issuer) {
  const std::string who = "The sign-in server " + issuer;
  if (error == "access_denied") {
    return refuse(Kind::declined, ErrorCode::rejected, "The sign-in was declined in the browser.",
                  "Sign in again, and allow access, if that was a mistake.");
  }
  if (error == "server_error" || error == "temporarily_unavailable") {
    return refuse(Kind::failed, ErrorCode::rejected, who + " can't do this just now.",
                  "Try again in a moment.");
  }
  if (error == "invalid_scope") {
    return refuse(Kind::failed, ErrorCode::rejected, who + " does not grant what was asked for.",
                  "Tell whoever runs the server.");
  }
  if (error == "invalid_client" || error == "unauthorized_client") {
    auto refusal =
        refuse(Kind::failed, ErrorCode::rejected, who + " does not let this program sign people in.",
               "Sign in again; if you gave a --client-id, check it.");
    refusal.value().client_unknown = true;
    return refusal;
  }
  return refuse(Kind::failed, ErrorCode::rejected, who + " did not complete the sign-in.", again);
}

}  // namespace

bool has_state(std::string_view query, std::string_view state) {
  const auto form = Form::decode(query);
  return form && has_state(*form, state);
}

tl::expected<Secret, CallbackFailure> check_callback(std::string_view query,
                                                     const ExpectedCallback& expected) {
  const auto form = Form::decode(query);
  if (!form || !has_state(*form, expected.state)) {
    return refuse(Kind::foreign, ErrorCode::protocol,
                  "This is not the answer to the sign-in that is under way.",
                  "Use the address to which the newest link has led.");
  }
  const auto iss = form->get("iss");
  const bool missing = !iss && expected.iss_required;
  if (missing || form->count("iss") > 1 || (iss && *iss != expected.issuer)) {
    return refuse(
        Kind::wrong_issuer, ErrorCode::protocol,
        missing
            ? "The answer does not say which sign-in server it is from, so it was not used."
            : "The answer is from another sign-in server than the one that was asked, so it was not used.",
        "Sign in again; if this happens once more, tell whoever runs the server.");
  }
  if (const auto error = form->get("error")) return server_refusal(*error, expected.issuer);
  const auto code = form->get("code");
  if (!code || code->empty() || form->count("code") > 1) {
    return refuse(Kind::failed, ErrorCode::protocol,
                  "The sign-in server " + expected.issuer + " gave an answer that has no code in it.", again);
  }
  return Secret(std::string(*code));
}

Result<std::string> query_of_pasted_url(std::string_view pasted) {
  constexpr std::string_view around = " \t\r\n\"'<>";
  const size_t from = std::min(pasted.find_first_not_of(around), pasted.size());
  pasted.remove_prefix(from);
  pasted = pasted.substr(0, pasted.find_last_not_of(around) + 1);
  pasted = pasted.substr(0, pasted.find('#'));
  if (const size_t question = pasted.find('?'); question != std::string_view::npos) {
    pasted.remove_prefix(question + 1);
  }
  if (pasted.find("state=") == std::string_view::npos) {
    return fail(ErrorCode::invalid_input, "That is not the address to which the browser was led.",
                "Copy the whole address out of the browser's address bar; it begins with http://127.0.0.1.");
  }
  return std::string(pasted);
}

}  // namespace clickflow::auth
