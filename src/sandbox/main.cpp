#include <CLI/CLI.hpp>

#include "clickflow/base/command_line.h"
#include "clickflow/sandbox/commands.h"
#include "clickflow/sandbox/demo_person.h"
#include "clickflow/sandbox/time.h"

namespace {

namespace command_line = clickflow::command_line;

const command_line::Words<clickflow::sandbox::Protocol> protocols{
    {"dual", clickflow::sandbox::Protocol::dual},
    {"legacy", clickflow::sandbox::Protocol::legacy},
    {"modern", clickflow::sandbox::Protocol::modern}};

void add_duration_option(CLI::App* command, const char* name, std::chrono::seconds& duration,
                         const char* description) {
  command->add_option_function<std::string>(
      name,
      [&duration](const std::string& text) {
        const auto parsed = clickflow::sandbox::parse_duration(text);
        if (!parsed) throw CLI::ValidationError(parsed.error().message());
        duration = *parsed;
      },
      description);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace clickflow::sandbox;
  if (argc == 2 && is_sign_in_link(argv[1])) return visit(argv[1]);

  CLI::App app(
      "A ClickFlow on this machine, for trying and testing: API keys, signing in, MCP and REST, on loopback "
      "only.",
      "clickflow-sandbox");
  app.set_version_flag("--version", "clickflow-sandbox " CLICKFLOW_VERSION);
  app.require_subcommand(1);

  std::filesystem::path data = default_data_folder();
  const auto add_data_option = [&](CLI::App* command) {
    command->add_option("--data", data, "The folder in which the API keys are kept")->capture_default_str();
  };

  ServeOptions serve_options;
  CLI::App* serve_command = app.add_subcommand("serve", "Listen on 127.0.0.1 until interrupted");
  serve_command->add_option("--port", serve_options.port, "The port; 0 for any that is free")
      ->check(command_line::port())
      ->capture_default_str();
  serve_command->add_option("--speed", serve_options.speed, "How fast workflows run; a draft takes 8 s at 1")
      ->capture_default_str();
  serve_command
      ->add_option("--auth-port", serve_options.auth_port,
                   "The port for signing in; 0 for any that is free; the one after --port if not given")
      ->check(command_line::port());
  add_duration_option(serve_command, "--token-lifetime", serve_options.oauth.token_lifetime,
                      "How long access tokens are good for, as in 1d or 30s");
  add_duration_option(serve_command, "--refresh-grace", serve_options.oauth.refresh_grace,
                      "For how long a refresh token may be used a second time; not at all if not given");
  serve_command->add_flag("!--no-registration", serve_options.oauth.registration,
                          "Clients can't register themselves, as with Clerk until somebody turns it on");
  serve_command
      ->add_option("--protocol", serve_options.protocol,
                   "The revisions of MCP: legacy with a handshake, modern without, dual for both")
      ->transform(command_line::one_of(protocols))
      ->option_text("dual|legacy|modern [dual]");
  serve_command->add_flag(
      "--test-controls", serve_options.test_controls,
      "Let tests make things go wrong by POST /sandbox/control, and add tools that are for tests");
  add_data_option(serve_command);

  CLI::App* keys_command = app.add_subcommand("keys", "Make, list and revoke API keys");
  keys_command->require_subcommand(1);
  NewKeyOptions new_key;
  CLI::App* create_command = keys_command->add_subcommand("create", "Make a key and print it, once");
  create_command->add_option("--name", new_key.name, "A name to know it by")->capture_default_str();
  create_command->add_option("--scope", new_key.scopes, "tools:…, as often as needed; tools:* if not given")
      ->allow_extra_args(false);
  create_command->add_option("--expires-in", new_key.expires_in,
                             "How long it is good for, as in 30d, 1h or 10s");
  create_command->add_option("--organization", new_key.organization, "Its default organization, org_…");
  add_data_option(create_command);

  bool as_json = false;
  CLI::App* list_command = keys_command->add_subcommand("list", "Show all keys, without their secrets");
  list_command->add_flag("--json", as_json, "As JSON");
  add_data_option(list_command);

  std::string id;
  CLI::App* revoke_command = keys_command->add_subcommand("revoke", "End a key");
  revoke_command->add_option("id", id, "key_…, as \"keys list\" shows it")->required();
  add_data_option(revoke_command);

  DemoOptions demo_options;
  demo_options.program = argv[0];
  CLI::App* demo_command =
      app.add_subcommand("demo", "Show the whole thing: a sandbox, the bridge, a conversation");
  demo_command->add_option("--bridge", demo_options.bridge,
                           "clickflow-mcp; the one beside this program if not given");
  demo_command->add_flag("--oauth", demo_options.oauth,
                         "Show how a person signs in, stays signed in, and signs out");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return command_line::refuse(app, e, 1);
  }
  serve_options.data = data;
  if (serve_command->parsed()) return serve(serve_options);
  if (create_command->parsed()) return create_key(data, new_key);
  if (list_command->parsed()) return list_keys(data, as_json);
  if (revoke_command->parsed()) return revoke_key(data, id);
  return demo(demo_options);
}
