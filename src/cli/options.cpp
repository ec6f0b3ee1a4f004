#include "clickflow/cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "clickflow/base/command_line.h"
#include "clickflow/base/environment.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::cli {
namespace {

using command_line::one_of;
using command_line::Words;

const Words<log::Level> log_levels{{"trace", log::Level::trace}, {"debug", log::Level::debug},
                                   {"info", log::Level::info},   {"warn", log::Level::warn},
                                   {"error", log::Level::error}, {"off", log::Level::off}};

const Words<bool> tool_name_kinds{{"safe", true}, {"original", false}};

const Words<bool> token_stores{{"keychain", false}, {"file", true}};

// "auto", which asks the server, and every revision that we speak.
Words<std::string> protocols() {
  Words<std::string> known{{"auto", ""}};
  for (const auto revision : mcp::modern_revisions) known.emplace_back(revision, revision);
  for (const auto revision : mcp::legacy_revisions) known.emplace_back(revision, revision);
  return known;
}

CLI::Validator in_seconds() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        double seconds = 0;
        if (CLI::detail::lexical_cast(text, seconds) && seconds >= 0.001 && seconds <= 1e6) return {};
        return text + " is no number of seconds from 0.001 to 1000000.";
      },
      "");
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
}

template <class T>
tl::unexpected<Error> in_option(const char* option, const Result<T>& failed) {
  return fail(ErrorCode::invalid_input, std::string(option) + ": " + failed.error().what,
              failed.error().remedy);
}

Result<Url> parse_endpoint(const std::string& text) {
  auto url = Url::parse(text);
  if (!url) return in_option("--url", url);
  if (!url->is_https() && !url->is_loopback()) {
    return fail(ErrorCode::invalid_input,
                "--url: http:// would send your credential and your work in the clear.",
                "Use https://; http:// is for servers on this machine only.");
  }
  return url;
}

// What HTTP, MCP and this program say themselves: twice, or otherwise, it would change what a request is.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 10> names{
      "Connection",        "Expect",  "Host",      "Keep-Alive", "Last-Event-ID", "TE", "Trailer",
      "Transfer-Encoding", "Upgrade", "User-Agent"};
  constexpr std::array<std::string_view, 4> beginnings{"Accept", "Content-", "Mcp-", "Proxy-"};
  return std::any_of(names.begin(), names.end(),
                     [&](auto own) { return http::equal_without_case(name, own); }) ||
         std::any_of(beginnings.begin(), beginnings.end(),
                     [&](auto own) { return http::equal_without_case(name.substr(0, own.size()), own); });
}

Result<http::Headers> parse_headers(const std::vector<std::string>& lines) {
  http::Headers headers;
  for (const auto& line : lines) {
    const size_t colon = line.find(':');
    const std::string name = line.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(" \t"));
    if (colon == std::string::npos || !http::is_valid_name(name) || !http::is_valid_value(value)) {
      return fail(ErrorCode::invalid_input, "--header: one of them is not a header.",
                  "Write it as 'Name: value'.");
    }
    if (is_ours(name)) {
      return fail(ErrorCode::invalid_input,
                  "--header: " + name + " is a header that this program sets itself.", "Leave it out.");
    }
    log::hide(value);
    headers.add(name, value);
  }
  return headers;
}

/// As shells on POSIX take it, and for spaces and & also Windows' own.
std::string quoted(const std::string& text) {
  constexpr std::string_view plain = "-_./:=@%+,";
  const bool is_plain = std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || plain.find(static_cast<char>(c)) != plain.npos;
  });
  if (is_plain) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string identity_options(const Options& options) {
  const Options usual;
  std::string text;
  if (options.url != usual.url) text += " --url " + quoted(options.url);
  if (!options.organization.empty()) text += " --organization " + quoted(options.organization);
  if (options.profile != usual.profile) text += " --profile " + quoted(options.profile);
  if (options.token_file) text += " --token-store file";
  return text;
}

}  // namespace

void add_options(CLI::App& app, Options& options) {
  app.add_option("--url", options.url, "The MCP endpoint")->envname("CLICKFLOW_URL")->capture_default_str();
  app.add_option("--organization", options.organization,
                 "Work in this organization (org_…) and let no assistant switch to another")
      ->envname("CLICKFLOW_ORGANIZATION");
  app.add_option("--allow", options.allow,
                 "Let the assistant see and call only these tools: tools:*, tools:platform.*, "
                 "tools:platform.name (may "
                 "be repeated, or separated by commas)")
      ->envname("CLICKFLOW_ALLOW")
      ->delimiter(',')
      ->allow_extra_args(false);
  // CLI11 leaves out the variable where the text is ours.
  auto shows = [](CLI::Option* option, const std::string& text) {
    option->option_text(text + " (Env:" + option->get_envname() + ")");
  };
  shows(
      app.add_option("--tool-names", options.safe_tool_names,
                     "safe: show platform_list_roadmap_items, which every host takes; original: show the dot")
          ->envname("CLICKFLOW_TOOL_NAMES")
          ->transform(one_of(tool_name_kinds)),
      "safe|original [safe]");
  shows(app.add_option("--protocol", options.protocol,
                       "Which revision the server speaks; auto asks it. The assistant may speak any")
            ->envname("CLICKFLOW_PROTOCOL")
            ->transform(one_of(protocols())),
        "auto|REVISION [auto]");
  app.add_option("--header", options.headers, "Add 'Name: value' to every request (may be repeated)")
      ->envname("CLICKFLOW_HEADER")
      ->allow_extra_args(false);
  app.add_option("--proxy", options.proxy,
                 "http://[user:password@]host:port, in place of HTTPS_PROXY and HTTP_PROXY")
      ->envname("CLICKFLOW_PROXY");
  app.add_option("--ca-file", options.ca_file, "Trust the certificate authorities in this PEM file too")
      ->envname("CLICKFLOW_CA_FILE");
  auto seconds = [&](const char* name, double& value, const char* variable, const char* text) {
    shows(app.add_option(name, value, text)->envname(variable)->check(in_seconds()),
          "SECONDS [" + CLI::detail::to_string(value) + "]");
  };
  seconds("--connect-timeout", options.connect_timeout, "CLICKFLOW_CONNECT_TIMEOUT",
          "For a connection to be made");
  seconds("--first-byte-timeout", options.first_byte_timeout, "CLICKFLOW_FIRST_BYTE_TIMEOUT",
          "For an answer to begin");
  seconds("--silence-timeout", options.silence_timeout, "CLICKFLOW_SILENCE_TIMEOUT",
          "Without a byte in the middle of an answer");
  seconds("--call-timeout", options.call_timeout, "CLICKFLOW_CALL_TIMEOUT", "For one call as a whole");
  shows(app.add_option("--profile", options.profile, "Which of your accounts: each has a sign-in of its own")
            ->envname("CLICKFLOW_PROFILE"),
        "NAME [default]");
  shows(app.add_option(
               "--token-store", options.token_file,
               "keychain, or file: for machines that have none (readable by you only, but not encrypted)")
            ->envname("CLICKFLOW_TOKEN_STORE")
            ->transform(one_of(token_stores)),
        "keychain|file [keychain]");
  shows(app.add_option("--client-id", options.client_id,
                       "Who this program is to the authorization server, if it was registered by hand (its "
                       "secret, if it has one, in CLICKFLOW_CLIENT_SECRET)")
            ->envname("CLICKFLOW_CLIENT_ID"),
        "ID");
  shows(app.add_option("--client-metadata-url", options.client_metadata_url,
                       "Where a client metadata document describes this program")
            ->envname("CLICKFLOW_CLIENT_METADATA_URL"),
        "URL");
  shows(app.add_option("--callback-port", options.callback_port,
                       "Where a sign-in comes back to, for ssh -L; any free port otherwise")
            ->envname("CLICKFLOW_CALLBACK_PORT")
            ->check(command_line::port()),
        "PORT");
  seconds("--sign-in-timeout", options.sign_in_timeout, "CLICKFLOW_SIGN_IN_TIMEOUT",
          "For a person to sign in while a call waits");
  shows(app.add_option("--log-level", options.log_level, "What goes to stderr and the log file")
            ->envname("CLICKFLOW_LOG_LEVEL")
            ->transform(one_of(log_levels)),
        "trace|debug|info|warn|error|off [warn; error for a command]");
  app.add_option("--log-file", options.log_file, "Log to this file as well (3 of 5 MiB, in turn)")
      ->envname("CLICKFLOW_LOG_FILE");
}

Result<Settings> understand(const Options& options) {
  Settings settings;
  auto endpoint = parse_endpoint(options.url);
  if (!endpoint) return tl::make_unexpected(endpoint.error());
  settings.endpoint = *endpoint;

  auto headers = parse_headers(options.headers);
  if (!headers) return tl::make_unexpected(headers.error());
  settings.headers = *headers;
  if (!options.organization.empty()) {
    if (!http::is_valid_value(options.organization)) {
      return fail(ErrorCode::invalid_input, "--organization holds characters that no id has.",
                  "Copy the id again; it looks like org_abc123.");
    }
    settings.organization = options.organization;
    settings.headers.set("X-Organization-Id", options.organization);
  }

  for (const auto& text : options.allow) {
    auto scope = mcp::Scope::parse(text);
    if (!scope) return in_option("--allow", scope);
    settings.bridge.policy.allowed.push_back(*scope);
  }
  // CLI11 drops what is empty between commas, and an empty list would allow everything.
  if (options.allow.empty() && environment("CLICKFLOW_ALLOW")) {
    return fail(
        ErrorCode::invalid_input, "CLICKFLOW_ALLOW names no tool.",
        "Write it as tools:platform.*,tools:workflows.get_status, or leave it out to allow all tools.");
  }
  settings.bridge.policy.organization = options.organization;
  settings.bridge.safe_tool_names = options.safe_tool_names;
  settings.protocol = options.protocol;

  auto proxy = http::ProxySettings::from_environment(options.proxy.empty() ? std::nullopt
                                                                           : std::optional(options.proxy));
  if (!proxy) return in_option("--proxy", proxy);
  settings.client.proxy = *proxy;
  if (!options.ca_file.empty()) settings.client.ca_file = options.ca_file;

  settings.limits.connect = milliseconds(options.connect_timeout);
  settings.limits.first_byte = milliseconds(options.first_byte_timeout);
  settings.limits.silence = milliseconds(options.silence_timeout);
  settings.limits.whole = milliseconds(options.call_timeout);
  settings.api_key = options.api_key;

  if (options.profile.empty() || !http::is_valid_value(options.profile)) {
    return fail(ErrorCode::invalid_input, "--profile is no name.", "Use letters and digits, such as work.");
  }
  settings.profile = options.profile;
  settings.identity_options = identity_options(options);
  settings.token_store =
      options.token_file ? keychain::Settings::Kind::file : keychain::Settings::Kind::system;
  if (!options.client_id.empty()) settings.client_identity.client_id = options.client_id;
  if (options.client_secret) settings.client_identity.client_secret = *options.client_secret;
  if (!options.client_metadata_url.empty()) {
    if (auto good = auth::check_metadata_url(options.client_metadata_url); !good) {
      return in_option("--client-metadata-url", good);
    }
    settings.client_identity.metadata_url = options.client_metadata_url;
  }
  settings.callback_port = options.callback_port;
  settings.sign_in_patience = milliseconds(options.sign_in_timeout);
  return settings;
}

}  // namespace clickflow::cli
