#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "clickflow/base/command_line.h"
#include "clickflow/base/environment.h"
#include "clickflow/base/json.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/output.h"
#include "clickflow/cli/terminal.h"
#include "process.h"

namespace cli = clickflow::cli;

namespace {

constexpr const char* introduction =
    "This is clickflow-mcp, the bridge between your AI assistant and ClickFlow.\n"
    "Your assistant starts it: name this program as an MCP server in the assistant's settings.\n"
    "To see what is there, try `clickflow-mcp status` and `clickflow-mcp --help`.";

}  // namespace

int main(int argc, char** argv) {
  cli::prepare_process();
  cli::Options options;
  options.api_key = clickflow::take_environment("CLICKFLOW_API_KEY");
  options.client_secret = clickflow::take_environment("CLICKFLOW_CLIENT_SECRET");

  CLI::App app("The bridge between AI assistants and ClickFlow. An assistant runs it without a command.",
               "clickflow-mcp");
  app.set_version_flag("--version", "clickflow-mcp " CLICKFLOW_VERSION);
  app.footer(
      "An API key comes from the environment variable CLICKFLOW_API_KEY, or from `login --api-key`.\n"
      "The options of `clickflow-mcp --help` work with every command; each may also be set by a variable,\n"
      "which the option wins over.");
  app.require_subcommand(0, 1);
  app.fallthrough();
  cli::add_options(app, options);

  const auto* serve = app.add_subcommand(
      "serve", "Serve an assistant over stdin and stdout (what happens without a command)");
  bool as_json = false;
  auto* tools = app.add_subcommand("tools", "List the tools");
  tools->add_flag("--json", as_json, "Whole, as JSON");

  cli::CallArguments call_arguments;
  auto* call = app.add_subcommand(
      "call", "Call a tool; ends with 0, or 1 if the tool failed, or 2 if none has answered");
  call->add_option("TOOL", call_arguments.tool, "Its name, with a dot or as `tools` shows it")->required();
  call->add_option("JSON", call_arguments.json, "The arguments, as a JSON object");
  call->add_option(
          "--arg", call_arguments.pairs,
          "name=value, for one argument (may be repeated). A value is JSON where it can be: name=3 is a "
          "number, and 'name=\"3\"' a text")
      ->allow_extra_args(false);
  call->add_flag("--json", call_arguments.as_json, "Print the whole result as JSON");

  cli::ApiArguments api_arguments;
  auto* api = app.add_subcommand("api", "Call ClickFlow's REST API with your API key");
  api->add_option("METHOD", api_arguments.method, "GET, POST …")->required();
  api->add_option("PATH", api_arguments.path, "Such as roadmap-items")->required();
  api->add_option("JSON", api_arguments.json, "The body");

  auto* status =
      app.add_subcommand("status", "Show where this goes, who you are there, and whether it can be reached");
  status->add_flag("--json", as_json, "As JSON");

  auto* login = app.add_subcommand("login", "Sign in to ClickFlow in your browser");
  bool paste = false, on_device = false, with_key = false;
  auto* no_browser =
      login->add_flag("--no-browser", paste, "Print the link, and take the address that it leads to");
  auto* device = login->add_flag("--device", on_device, "Show a code to enter on another device");
  auto* api_key = login->add_flag("--api-key", with_key,
                                  "Keep an API key in the keychain; it is asked for, or read from stdin");
  no_browser->excludes(device)->excludes(api_key);
  device->excludes(api_key);
  auto* logout = app.add_subcommand("logout", "Revoke and forget the sign-in, and a kept API key");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return clickflow::command_line::refuse(app, e, cli::Exit::failure);
  }

  const bool bare = app.get_subcommands().empty();
  if (bare && argc == 1 && cli::is_terminal(cli::Stream::in)) {
    std::fprintf(stderr, "%s\n", introduction);
    return cli::Exit::success;
  }
  const bool serves = bare || serve->parsed();
  clickflow::log::Settings log_settings;
  if (options.log_level) {
    log_settings.level = *options.log_level;
  } else if (!serves) {
    log_settings.stderr_level = clickflow::log::Level::error;  // a command says by itself what it fails with
  }
  if (!options.log_file.empty()) log_settings.file = options.log_file;
  if (const auto problem = clickflow::log::start(log_settings))
    clickflow::log::error("no log file: {}", *problem);

  const auto settings = cli::understand(options);
  if (!settings) {
    cli::print_error(settings.error());
    return cli::Exit::failure;
  }
  if (serves) return cli::serve(*settings);
  const auto run = [&] {
    if (tools->parsed()) return cli::tools(*settings, as_json);
    if (call->parsed()) return cli::call(*settings, call_arguments);
    if (api->parsed()) return cli::api(*settings, api_arguments);
    if (logout->parsed()) return cli::logout(*settings);
    if (login->parsed()) {
      const auto way = with_key    ? cli::LoginWay::api_key
                       : on_device ? cli::LoginWay::device
                       : paste     ? cli::LoginWay::paste
                                   : cli::LoginWay::browser;
      return cli::login(*settings, way);
    }
    return cli::status(*settings, as_json);
  };
  try {
    return cli::after_output(run());
  } catch (const clickflow::Json::exception&) {
    cli::print_error({clickflow::ErrorCode::protocol,
                      "The server's answer is not what MCP says it should be.",
                      "Tell whoever runs the server."});
    return cli::Exit::failure;
  }
}
