#include "clickflow/base/command_line.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <iostream>
#include <sstream>

using namespace clickflow;

namespace {

struct Refusal {
  int status = 0;
  std::string words;
};

// By a program with options of a kind each, and a command within a command.
Refusal refusal_of(std::vector<std::string> arguments) {
  CLI::App app("", "program");
  int kind = 0;
  uint16_t port = 0;
  const command_line::Words<int> kinds{{"one", 1}, {"two", 2}};
  auto* make = app.add_subcommand("keys")->add_subcommand("make");
  make->add_option("--kind", kind)->transform(command_line::one_of(kinds));
  make->add_option("--port", port)->check(command_line::port());
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its end
  std::ostringstream words;
  auto* const before = std::cerr.rdbuf(words.rdbuf());
  Refusal refusal;
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    refusal.status = command_line::refuse(app, error, 3);
  }
  std::cerr.rdbuf(before);
  refusal.words = words.str();
  return refusal;
}

}  // namespace

TEST_CASE(
    "A command line that is wrong is refused in two sentences, the second of which says where to look") {
  struct Row {
    std::vector<std::string> arguments;
    std::string words;
  };
  const std::string where = " `program keys make --help` says what can be given.\n";
  const auto row = GENERATE_COPY(
      Row{{"keys", "make", "--kind", "three"}, "program: --kind: three is none of one, two." + where},
      Row{{"keys", "make", "--port", "65536"},
          "program: --port: 65536 is no port, which is a number from 0 to 65535." + where},
      Row{{"keys", "make", "--port", "-1"},
          "program: --port: -1 is no port, which is a number from 0 to 65535." + where},
      Row{{"keys", "make", "--port", "any"},
          "program: --port: any is no port, which is a number from 0 to 65535." + where},
      Row{{"more"},
          "program: The following argument was not expected: more. `program --help` says what can be "
          "given.\n"});
  const Refusal refusal = refusal_of(row.arguments);
  CHECK(refusal.words == row.words);
  CHECK(refusal.status == 3);
}

TEST_CASE("A command line that is right is not refused") {
  CHECK(refusal_of({"keys", "make", "--kind", "two", "--port", "65535"}).words.empty());
  CHECK(refusal_of({"keys", "make", "--port", "0"}).status == 0);
}
