#include "demo_console.h"

#include <spdlog/details/os.h>
#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <iostream>

#include "clickflow/base/environment.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* bold = "1";
constexpr const char* cyan = "36";
constexpr const char* green = "32";
constexpr const char* red = "31";
constexpr const char* dim = "2";
constexpr int bar_width = 24;

}  // namespace

DemoConsole::DemoConsole()
    : terminal_(spdlog::details::os::in_terminal(stdout)), coloured_(terminal_ && !environment("NO_COLOR")) {}

std::string DemoConsole::paint(const char* colour, std::string_view text) const {
  return coloured_ ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
}

void DemoConsole::line(const char* colour, std::string_view mark, std::string_view text) const {
  std::cout << "   " << paint(colour, mark) << " " << text << std::endl;
}

void DemoConsole::headline(std::string_view text) const {
  std::cout << paint(bold, text) << std::endl;
}

void DemoConsole::step(std::string_view text) {
  std::cout << "\n" << paint(bold, fmt::format("{:2} {}", ++steps_, text)) << std::endl;
}

void DemoConsole::says(std::string_view text) const {
  line(cyan, "→", text);
}

void DemoConsole::hears(std::string_view text) const {
  line(green, "←", text);
}

void DemoConsole::hears_error(std::string_view text) const {
  line(red, "←", paint(red, text));
}

void DemoConsole::note(std::string_view text) const {
  std::cout << "     " << paint(dim, text) << std::endl;
}

void DemoConsole::progress(int percent, const std::string& action) {
  if (terminal_) {
    std::string bar;
    for (int i = 0; i < bar_width; ++i) bar += i * 100 < percent * bar_width ? "█" : "░";
    std::cout << fmt::format("\r     {} {:3} % {:28}", paint(cyan, bar), percent, action) << std::flush;
  } else if (action != action_) {
    std::cout << fmt::format("     {:3} % {}", percent, action) << std::endl;
  }
  action_ = action;
}

void DemoConsole::end_progress() {
  if (terminal_ && !action_.empty()) std::cout << std::endl;
  action_.clear();
}

void DemoConsole::success(std::string_view text) const {
  std::cout << "\n" << paint(green, text) << std::endl;
}

void DemoConsole::failure(std::string_view text) const {
  std::cout << "\n" << paint(red, text) << std::endl;
}

}  // namespace clickflow::sandbox
