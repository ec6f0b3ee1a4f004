#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/json.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/output.h"
#include "clickflow/remote/remote.h"

namespace clickflow::cli {
namespace {

constexpr size_t longest_answer = 64 * 1024 * 1024;

// `roadmap-items`, `/api/roadmap-items` and `/v1/api/roadmap-items` are one: what follows the endpoint's own
// folder.
std::string target_of(const Url& endpoint, const std::string& path) {
  const std::string_view mcp = endpoint.path();
  const std::string base(mcp.substr(0, mcp.rfind('/')));
  std::string target = path.starts_with('/') ? path : "/" + path;
  if (!base.empty() && target.starts_with(base + "/")) target.erase(0, base.size());
  if (!target.starts_with("/api/")) target.insert(0, "/api");
  return base + target;
}

// Nothing where the person's own header says who they are.
Result<std::optional<Secret>> key_of(Connection& connection, const Settings& settings) {
  if (settings.headers.get("Authorization")) return std::nullopt;
  auto key = connection.credentials().api_key();
  if (!key || *key) return key;
  return fail(
      ErrorCode::unauthenticated,
      "ClickFlow's REST API takes API keys only, and there is none; being signed in with OAuth does not "
      "work there.",
      "Set CLICKFLOW_API_KEY to a key from Dashboard > Settings > API Keys, or run `clickflow-mcp login "
      "--api-key" +
          settings.identity_options + "`.");
}

Result<http::Response> ask(Connection& connection, const Settings& settings, const std::string& method,
                           const ApiArguments& given, const std::optional<Secret>& key) {
  const auto url =
      Url::parse(settings.endpoint.with_target(target_of(settings.endpoint, given.path)).to_string());
  if (!url) return tl::make_unexpected(url.error());
  if (!given.json.empty() && parse_json(given.json).is_discarded()) {
    return fail(ErrorCode::invalid_input, "The body is not valid JSON.",
                "Write it as '{\"keyword\": \"news\"}'.");
  }
  http::Request request;
  request.method = method;
  if (!http::is_valid_name(request.method)) {
    return fail(ErrorCode::invalid_input, "That is no HTTP method.", "Use GET, POST, PUT, PATCH or DELETE.");
  }
  request.url = *url;
  request.headers = settings.headers;
  request.headers.set("Accept", "application/json");
  if (key) request.headers.set("Authorization", "Bearer " + std::string(key->expose()));
  request.limits = settings.limits;
  request.body = given.json;
  request.content_type = "application/json";
  return http::fetch(connection.plain_http(), request, {}, longest_answer);
}

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool only_reads(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

const char* remedy_for(int status, std::string_view body, bool harmless) {
  const bool lacks_scope = body.find("Insufficient scope") != std::string_view::npos;
  if (status == 403 && lacks_scope) return "Give the key that scope under Dashboard > Settings > API Keys.";
  if (status == 403) return "Check the organization and the scopes of your API key.";
  if (status == 404) return "Check the path; `roadmap-items` is one.";
  if (status == 429) return "Wait a moment, then try again.";
  if (status >= 500 && !harmless) return "Look at the result in ClickFlow before you try again.";
  if (status >= 500) return "Try again in a moment; if that does not help, tell ClickFlow's support.";
  if (status >= 300 && status < 400) return "Check --url: redirects are not followed.";
  return "Check the method, the path and the body.";
}

}  // namespace

int api(const Settings& settings, const ApiArguments& given) {
  Connection connection(settings, true);
  const std::string method = in_capitals(given.method);
  const bool harmless = only_reads(method);
  const auto key = key_of(connection, settings);
  const auto response =
      key ? ask(connection, settings, method, given, *key) : tl::make_unexpected(key.error());
  if (!response) {
    print_error(harmless ? response.error() : remote::in_doubt(response.error()));
    return Exit::failure;
  }
  const Json body = parse_json(response->body);
  if (!body.is_discarded()) {
    print(to_readable_text(body));
  } else if (!response->body.empty()) {
    print(printable(response->body));
  }
  const int status = response->head.status;
  if (status >= 200 && status < 300) return Exit::success;
  if (status == 401) {
    // The same words as everywhere.
    const auto words = connection.credentials().renew(
        {settings.endpoint, status, response->head.headers, response->body}, *key, {});
    if (!words) print_error(words.error());
  } else {
    print_error({ErrorCode::rejected, "ClickFlow answered with HTTP " + std::to_string(status) + ".",
                 remedy_for(status, response->body, harmless)});
  }
  return Exit::tool_error;
}

}  // namespace clickflow::cli
