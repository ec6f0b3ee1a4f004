#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

/// What the command lines of both programs have in common, above all the words in which they refuse.
namespace clickflow::command_line {

/// The words that an option takes, and what each stands for.
template <class T>
using Words = std::vector<std::pair<std::string, T>>;

/// CLI11's own transformer would tell what the words stand for as well.
template <class T>
CLI::Validator one_of(const Words<T>& words) {
  return CLI::Validator(
      [words](std::string& text) -> std::string {
        std::string known;
        for (const auto& [word, value] : words) {
          if (text == word) {
            text = CLI::detail::value_string(value);
            return {};
          }
          known += (known.empty() ? "" : ", ") + word;
        }
        return text + " is none of " + known + ".";
      },
      "");
}

/// A whole number from 0 to 65535.
CLI::Validator port();

/// Says on stderr what is wrong with the command line, and where to look; help and version, which CLI11 has
/// as errors too, go to stdout. `failure`, or 0 for these.
int refuse(const CLI::App& app, const CLI::ParseError& error, int failure);

}  // namespace clickflow::command_line
