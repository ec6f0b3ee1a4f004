#include "clickflow/auth/authorization_url.h"

#include "clickflow/auth/browser.h"
#include "clickflow/auth/scope_set.h"
#include "clickflow/base/form.h"

namespace clickflow::auth {
namespace {

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::protocol, "The sign-in page's address is refused: " + std::string(why) + ".",
              "It was not opened. Check the server's URL, and tell whoever runs it.");
}

}  // namespace

Result<std::string> authorization_url(const AuthorizationRequest& request) {
  Form parameters{{"response_type", "code"},
                  {"client_id", request.client_id},
                  {"redirect_uri", request.redirect_uri},
                  {"state", request.state},
                  {"code_challenge", request.code_challenge},
                  {"code_challenge_method", "S256"},
                  {"resource", request.resource}};
  if (!request.scope.empty()) parameters.add("scope", request.scope);
  // OpenID Connect Core, section 11: offline_access is ignored unless consent is asked for.
  if (ScopeSet::parse(request.scope).contains(offline_access)) parameters.add("prompt", "consent");

  const auto& target = request.endpoint.target;
  const size_t question = target.find('?');
  const bool has_query = question != std::string::npos;
  const auto own = Form::decode(has_query ? std::string_view(target).substr(question + 1) : "");
  if (!own) return refuse("its query can't be read");
  for (const char* name :
       {"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method",
        "resource", "scope", "prompt", "response_mode", "request", "request_uri"}) {
    if (own->count(name) > 0) return refuse("it already holds a parameter of the sign-in");
  }

  std::string url = request.endpoint.to_string();
  if (!has_query) {
    url += '?';
  } else if (!url.ends_with('?') && !url.ends_with('&')) {
    url += '&';
  }
  url += parameters.encode();
  if (auto good = check_browsable(url); !good) {
    good.error().code = ErrorCode::protocol;  // the server has made it so
    return tl::make_unexpected(good.error());
  }
  return url;
}

}  // namespace clickflow::auth
