#include "clickflow/sandbox/oauth/client_authentication.h"
#include "clickflow/base/sha256.h"

#include <algorithm>
#include <optional>

#include "clickflow/base/base64.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"

namespace clickflow::sandbox {
namespace {

struct Credentials {
  std::string method;
  std::string id;
  std::string secret;
};

std::optional<std::string> form_decode(const std::string& text) {
  const auto form = Form::decode("value=" + text);
  if (!form || text.find('&') != std::string::npos) return std::nullopt;
  return std::string(form->get("value").value_or(""));
}

// Both parts are encoded as in a form, then joined, then base64.
std::optional<Credentials> read_basic(std::string encoded) {
  encoded.erase(std::min(encoded.find_last_not_of('=') + 1, encoded.size()));
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  const auto pair = base64url_decode(encoded);
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  const auto id = form_decode(pair->substr(0, colon));
  const auto secret = form_decode(pair->substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return Credentials{"client_secret_basic", *id, *secret};
}

OAuthResult<Credentials> read_credentials(const Request& request, const Form& form) {
  const std::string& header = request.header("authorization");
  const std::string id = field(form, "client_id");
  if (header.empty()) {
    if (id.empty()) return refuse("invalid_client", "There is no client_id.", 401);
    const bool posted = form.get("client_secret").has_value();
    return Credentials{posted ? "client_secret_post" : "none", id, field(form, "client_secret")};
  }
  constexpr std::string_view scheme = "Basic ";
  const auto basic = header.starts_with(scheme) ? read_basic(header.substr(scheme.size())) : std::nullopt;
  if (!basic) return refuse("invalid_client", "The Authorization header is not HTTP Basic.", 401);
  if (form.get("client_secret") || (!id.empty() && id != basic->id)) {
    return refuse("invalid_request", "The client must show its identity in one way only.");
  }
  return *basic;
}

}  // namespace

OAuthResult<OAuthClient> authenticate_client(Ledger& ledger, const Request& request, const Form& form) {
  const auto shown = read_credentials(request, form);
  if (!shown) return tl::make_unexpected(shown.error());
  std::optional<OAuthClient> client;
  const auto read = ledger.read([&](const LedgerBook& book) {
    if (const OAuthClient* found = book.find_client(shown->id)) client = *found;
  });
  if (!read) return server_error(read.error());
  if (!client) return refuse("invalid_client", "The client is not registered here.", 401);
  if (client->authentication != shown->method) {
    return refuse("invalid_client", "This client has registered with " + client->authentication + ".", 401);
  }
  if (client->authentication != "none" && sha256_hex(shown->secret) != client->secret_sha256) {
    return refuse("invalid_client", "The secret is wrong.", 401);
  }
  return *client;
}

}  // namespace clickflow::sandbox
