#include "clickflow/sandbox/oauth/oauth_replies.h"

#include <nlohmann/json.hpp>

namespace clickflow::sandbox {
namespace {

// Every parameter that some endpoint of ours reads.
constexpr const char* once_only[] = {
    "client_id",     "client_secret", "code",         "code_challenge",
    "code_verifier", "device_code",   "grant_type",   "code_challenge_method",
    "nonce",         "prompt",        "redirect_uri", "refresh_token",
    "response_type", "resource",      "scope",        "state",
    "token",         "user_code"};

OAuthResult<Form> decode(std::string_view text) {
  auto form = Form::decode(text);
  if (!form) return refuse("invalid_request", "The parameters are not properly encoded.");
  for (const char* name : once_only) {
    if (form->count(name) > 1) return refuse("invalid_request", std::string(name) + " must come only once.");
  }
  return *std::move(form);
}

}  // namespace

Reply private_json(int status, const Json& json) {
  Reply reply;
  reply.status = status;
  reply.body = to_text(json);
  reply.headers = {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}};
  return reply;
}

Reply oauth_error(const OAuthError& error) {
  Reply reply = private_json(error.status, {{"error", error.code}, {"error_description", error.description}});
  // RFC 6749, section 5.2.
  if (error.code == "invalid_client" && error.status == 401)
    reply.headers.emplace_back("WWW-Authenticate", R"(Basic realm="ClickFlow sandbox")");
  reply.note = error.code;
  return reply;
}

OAuthResult<Form> read_form(const Request& request) {
  if (!request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    return refuse("invalid_request", "The body must be application/x-www-form-urlencoded.");
  }
  return decode(request.body);
}

OAuthResult<Form> read_query(const Request& request) {
  return decode(request.query());
}

std::string field(const Form& form, std::string_view name) {
  return std::string(form.get(name).value_or(""));
}

}  // namespace clickflow::sandbox
