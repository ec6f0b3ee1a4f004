#include <conio.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

#include "clickflow/cli/terminal.h"
#include "terminal_device.h"

namespace clickflow::cli {
namespace {

constexpr int key_poll_milliseconds = 20;

/// The console, through conio: no echo, and Ctrl-C comes as a key.
class Console : public TerminalDevice {
 public:
  std::optional<char> read(int milliseconds) override {
    for (int waited = 0; !::_kbhit(); waited += key_poll_milliseconds) {
      if (waited >= milliseconds) return std::nullopt;
      ::Sleep(key_poll_milliseconds);
    }
    const int c = ::_getch();
    if (c == 0 || c == 0xe0) {  // an arrow or function key, in two parts
      ::_getch();
      return '\0';
    }
    return static_cast<char>(c);
  }

  void write(std::string_view text) override {
    for (const char c : text) {
      if (c == '\n') ::_putch('\r');
      ::_putch(c);
    }
  }
};

HANDLE handle_of(bool out) {
  return ::GetStdHandle(out ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

}  // namespace

Result<std::unique_ptr<TerminalDevice>> TerminalDevice::open() {
  if (!::GetConsoleWindow()) {
    return fail(ErrorCode::invalid_input, "There is no terminal to ask on.",
                "Run it in a terminal, or pass the answer on stdin where the command takes it there.");
  }
  return std::make_unique<Console>();
}

// A pipe on Windows can't be waited for with a limit; whoever pipes something in ends it.
Result<std::optional<char>> read_stdin(int) {
  char c = 0;
  DWORD count = 0;
  const HANDLE in = ::GetStdHandle(STD_INPUT_HANDLE);
  if (!::ReadFile(in, &c, 1, &count, nullptr) && ::GetLastError() != ERROR_BROKEN_PIPE) {
    return fail(ErrorCode::system, "stdin can't be read.", "Check what it is connected to.");
  }
  return count == 0 ? std::nullopt : std::optional(c);
}

bool is_terminal(Stream stream) {
  FILE* const files[] = {stdin, stdout, stderr};
  return ::_isatty(::_fileno(files[static_cast<int>(stream)])) != 0;
}

bool understands_escapes() {
  DWORD mode = 0;
  return ::GetConsoleMode(handle_of(false), &mode) &&
         ::SetConsoleMode(handle_of(false), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

int columns(bool out) {
  CONSOLE_SCREEN_BUFFER_INFO info{};
  return ::GetConsoleScreenBufferInfo(handle_of(out), &info) ? info.srWindow.Right - info.srWindow.Left + 1
                                                             : 80;
}

}  // namespace clickflow::cli
