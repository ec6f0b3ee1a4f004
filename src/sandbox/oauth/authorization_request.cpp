#include "clickflow/sandbox/oauth/authorization_request.h"

#include <algorithm>

#include "clickflow/sandbox/oauth/grant_types.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/oauth/redirect_uri.h"
#include "clickflow/sandbox/oauth/wishes.h"
#include "clickflow/sandbox/web/page.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t shortest_state = 8;
constexpr size_t challenge_length = 43;  // base64url of 32 bytes
constexpr const char* go_back = "Go back to the program that sent you here, and try again from there.";

Reply refusal_page(std::string_view happened) {
  return message_page(400, "This sign-in link doesn’t work", happened, go_back);
}

Reply back(const AuthorizationRequest& request, const std::string& issuer, Form answer) {
  if (!request.state.empty()) answer.add("state", request.state);
  answer.add("iss", issuer);
  const bool has_query = request.redirect_uri.find('?') != std::string::npos;
  return see_other(request.redirect_uri + (has_query ? "&" : "?") + answer.encode());
}

// What is asked for, once it is known who asks and where the answer goes.
OAuthResult<void> read_wishes(const Form& query, const std::string& resource, AuthorizationRequest& request) {
  if (field(query, "response_type") != "code") {
    return refuse("unsupported_response_type", "response_type must be code.");
  }
  if (!request.client.may_use(authorization_code_grant)) {
    return refuse("unauthorized_client", "The client has not registered the grant type authorization_code.");
  }
  if (request.state.size() < shortest_state) {
    return refuse("invalid_request", "state must have at least 8 characters.");
  }
  if (field(query, "code_challenge_method") != "S256" || request.code_challenge.size() != challenge_length) {
    return refuse("invalid_request", "PKCE with code_challenge_method=S256 is required.");
  }
  if (auto fits = check_resource(query, resource); !fits) return fits;
  const std::string prompt = field(query, "prompt");
  request.asks_for_sign_in = prompt == "login" || prompt == "select_account";
  request.allows_no_page = prompt == "none";
  const auto scopes = wanted_scopes(query, request.client);
  if (!scopes) return tl::make_unexpected(scopes.error());
  request.scopes = *scopes;
  return {};
}

}  // namespace

Reply answer_with_code(const AuthorizationRequest& request, const std::string& issuer,
                       const std::string& code) {
  return back(request, issuer, {{"code", code}});
}

Reply answer_with_error(const AuthorizationRequest& request, const std::string& issuer,
                        const std::string& error, const std::string& description) {
  Reply reply = back(request, issuer, {{"error", error}, {"error_description", description}});
  reply.note = error;
  return reply;
}

tl::expected<AuthorizationRequest, Reply> read_authorization_request(const Request& request, Ledger& ledger,
                                                                     const std::string& issuer,
                                                                     const std::string& resource) {
  const auto query = read_query(request);
  if (!query) return tl::make_unexpected(refusal_page(query.error().description));

  AuthorizationRequest wanted;
  bool known = false;
  const auto read = ledger.read([&](const LedgerBook& book) {
    const OAuthClient* client = book.find_client(field(*query, "client_id"));
    if ((known = client != nullptr)) wanted.client = *client;
  });
  if (!read) return tl::make_unexpected(failure_page(read.error()));
  if (!known) {
    return tl::make_unexpected(
        refusal_page("The program that sent you here is not registered with this sandbox."));
  }
  wanted.redirect_uri = field(*query, "redirect_uri");
  const auto& registered = wanted.client.redirect_uris;
  if (std::none_of(registered.begin(), registered.end(),
                   [&](const auto& uri) { return redirect_matches(uri, wanted.redirect_uri); })) {
    return tl::make_unexpected(
        refusal_page("The address that the answer should go to is not one that the program has registered."));
  }
  wanted.state = field(*query, "state");
  wanted.code_challenge = field(*query, "code_challenge");
  wanted.nonce = field(*query, "nonce");
  wanted.resource = field(*query, "resource");
  if (const auto read_all = read_wishes(*query, resource, wanted); !read_all) {
    return tl::make_unexpected(
        answer_with_error(wanted, issuer, read_all.error().code, read_all.error().description));
  }
  return wanted;
}

}  // namespace clickflow::sandbox
