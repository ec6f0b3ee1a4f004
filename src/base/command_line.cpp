#include "clickflow/base/command_line.h"

#include <cstdint>
#include <iostream>

namespace clickflow::command_line {
namespace {

// As it was called: "clickflow-sandbox keys create".
std::string called(const CLI::App& app) {
  std::string name = app.get_name();
  for (const auto* command : app.get_subcommands()) name += " " + called(*command);
  return name;
}

}  // namespace

CLI::Validator port() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        uint16_t number = 0;
        if (CLI::detail::lexical_cast(text, number)) return {};
        return text + " is no port, which is a number from 0 to 65535.";
      },
      "");
}

int refuse(const CLI::App& app, const CLI::ParseError& error, int failure) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::string what = error.what();
  if (!what.ends_with('.')) what += '.';
  std::cerr << app.get_name() << ": " << what << " `" << called(app) << " --help` says what can be given.\n";
  return failure;
}

}  // namespace clickflow::command_line
