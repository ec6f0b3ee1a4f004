#include <CLI/CLI.hpp>

#include "clickflow/sandbox/commands.h"

int main(int argc, char** argv) {
  using namespace clickflow::sandbox;

  CLI::App app(
      "A ClickFlow on this machine, for trying and testing: API keys, MCP and REST, on loopback only.",
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
      ->capture_default_str();
  serve_command->add_option("--speed", serve_options.speed, "How fast workflows run; a draft takes 8 s at 1")
      ->capture_default_str();
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

  CLI11_PARSE(app, argc, argv);
  serve_options.data = data;
  if (serve_command->parsed()) return serve(serve_options);
  if (create_command->parsed()) return create_key(data, new_key);
  if (list_command->parsed()) return list_keys(data, as_json);
  if (revoke_command->parsed()) return revoke_key(data, id);
  return demo(demo_options);
}
