#include "clickflow/sandbox/demo_person.h"

#include <httplib.h>

#include <iostream>
#include <optional>
#include <utility>

#include "clickflow/base/form.h"
#include "clickflow/base/url.h"
#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/commands.h"

namespace clickflow::sandbox {
namespace {

constexpr time_t step_seconds = 5;

tl::unexpected<Error> unexpected_page(const std::string& what) {
  return fail(ErrorCode::rejected, what, "Open the link in a browser to see why.");
}

constexpr std::pair<const char*, const char*> references[] = {
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&#39;", "'"},
    {"&amp;", "&"}};  // the last: nothing is read twice

// The value of a hidden field, as it was before it was escaped.
std::optional<std::string> hidden_field(const std::string& page, const std::string& name) {
  const std::string mark = "name=\"" + name + "\" value=\"";
  const size_t start = page.find(mark);
  if (start == std::string::npos) return std::nullopt;
  const size_t from = start + mark.size();
  std::string value = page.substr(from, page.find('"', from) - from);
  for (const auto& [reference, character] : references) {
    const std::string_view written = reference;
    for (size_t at = 0; (at = value.find(written, at)) != std::string::npos; ++at) {
      value.replace(at, written.size(), character);
    }
  }
  return value;
}

/// A browser as far as this takes one: it keeps the cookie of the site.
class Visitor {
 public:
  explicit Visitor(const Url& site) : client_(site.origin()) {
    client_.set_tcp_nodelay(true);
    client_.set_connection_timeout(step_seconds);
    client_.set_read_timeout(step_seconds);
  }
  Result<std::string> page(const std::string& target) {
    return body(keep(client_.Get(target, cookies())), 200);
  }
  /// Where it leads.
  Result<std::string> submit(const std::string& target, const Form& form) {
    auto reply = keep(client_.Post(target, cookies(), form.encode(), "application/x-www-form-urlencoded"));
    if (auto sent = body(reply, 303); !sent) return sent;
    return reply->get_header_value("Location");
  }

 private:
  httplib::Headers cookies() const {
    return cookie_.empty() ? httplib::Headers{} : httplib::Headers{{"Cookie", cookie_}};
  }
  httplib::Result keep(httplib::Result reply) {
    if (reply && reply->has_header("Set-Cookie")) {
      const std::string cookie = reply->get_header_value("Set-Cookie");
      cookie_ = cookie.substr(0, cookie.find(';'));
    }
    return reply;
  }
  static Result<std::string> body(const httplib::Result& reply, int expected) {
    if (!reply)
      return unexpected_page("A page could not be loaded: " + httplib::to_string(reply.error()) + ".");
    if (reply->status != expected) {
      return unexpected_page("A page answered with status " + std::to_string(reply->status) + ".");
    }
    return reply->body;
  }

  httplib::Client client_;
  std::string cookie_;
};

}  // namespace

bool is_sign_in_link(const std::string& link) {
  const auto url = Url::parse(link);
  return url && url->scheme == "http" && url->is_loopback() && url->path() == "/oauth/authorize";
}

int visit(const std::string& link) {
  const auto visited = visit_as_person(link);
  if (visited) return 0;
  std::cerr << "clickflow-sandbox: " << visited.error().message() << "\n";
  return 1;
}

Result<void> visit_as_person(const std::string& link) {
  const auto url = Url::parse(link);
  if (!url) return tl::make_unexpected(url.error());
  Visitor visitor(*url);
  const auto sign_in = visitor.page(url->target);
  if (!sign_in) return tl::make_unexpected(sign_in.error());
  const auto token = hidden_field(*sign_in, "form_token");
  const auto return_to = hidden_field(*sign_in, "return_to");
  if (!token || !return_to) return unexpected_page("There is nobody to sign in as.");
  const auto signed_in = visitor.submit(
      "/sign-in", {{"form_token", *token}, {"return_to", *return_to}, {"email", people().front().email}});
  if (!signed_in) return tl::make_unexpected(signed_in.error());

  const auto consent = visitor.page(*signed_in);
  if (!consent) return tl::make_unexpected(consent.error());
  const auto consent_token = hidden_field(*consent, "form_token");
  if (!consent_token) return unexpected_page("There is nothing to allow.");
  const auto back = visitor.submit(*signed_in, {{"form_token", *consent_token},
                                                {"organization", people().front().organizations.front()},
                                                {"decision", "allow"}});
  if (!back) return tl::make_unexpected(back.error());

  const auto callback = Url::parse(*back);
  if (!callback || !callback->is_loopback())
    return unexpected_page("The way back does not lead to this machine.");
  const auto shown = Visitor(*callback).page(callback->target);
  if (!shown) return tl::make_unexpected(shown.error());
  return {};
}

}  // namespace clickflow::sandbox
