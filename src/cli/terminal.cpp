#include "clickflow/cli/terminal.h"

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "clickflow/base/environment.h"
#include "line_editor.h"
#include "terminal_device.h"

namespace clickflow::cli {
namespace {

constexpr size_t longest_line = 16 * 1024;
constexpr int patience_milliseconds = 10 * 60 * 1000;
constexpr auto redraw_interval = std::chrono::milliseconds(250);

tl::unexpected<Error> too_long() {
  return fail(ErrorCode::invalid_input, "The line is longer than 16 KiB.", "Check what was pasted.");
}

tl::unexpected<Error> no_answer() {
  return fail(ErrorCode::timed_out, "Nothing was entered for 10 minutes.", "Start again when you are ready.");
}

void write_to_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool takes_escapes() {
  return environment("TERM") != "dumb" && is_terminal(Stream::error) && understands_escapes();
}

std::string minutes_and_seconds(std::chrono::steady_clock::duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  const std::string rest = std::to_string(seconds % 60);
  return std::to_string(seconds / 60) + (rest.size() == 1 ? ":0" : ":") + rest;
}

}  // namespace

bool can_ask() {
  return TerminalDevice::open().has_value();
}

Result<Secret> ask(std::string_view prompt, Echo echo) {
  auto terminal = TerminalDevice::open();
  if (!terminal) return tl::make_unexpected(terminal.error());
  TerminalDevice& device = **terminal;
  device.write(prompt);
  LineEditor editor(longest_line);
  for (;;) {
    const auto c = device.read(patience_milliseconds);
    if (!c) {
      device.write("\n");
      return no_answer();
    }
    std::string shown;
    const auto state = editor.key(*c, shown);
    if (echo == Echo::on && !shown.empty()) device.write(shown);
    if (state == LineEditor::State::more) continue;
    device.write("\n");
    switch (state) {
      case LineEditor::State::cancelled:
        return fail(ErrorCode::cancelled, "Nothing was entered.", "Start again when you are ready.");
      case LineEditor::State::too_long:
        return too_long();
      default:
        return Secret(editor.take());
    }
  }
}

Result<Secret> read_secret_from_stdin() {
  LineEditor editor(longest_line);
  std::string unused;
  for (;;) {
    const auto c = read_stdin(patience_milliseconds);
    if (!c) return c.error().code == ErrorCode::timed_out ? no_answer() : tl::make_unexpected(c.error());
    // Not through key(): a file's control characters are not keys. They make no credential either.
    const bool end = !*c || **c == '\n';
    if (end) break;
    if (**c == '\r') continue;
    if (static_cast<unsigned char>(**c) < 0x20 || **c == '\x7f') {
      return fail(ErrorCode::invalid_input, "What came on stdin holds control characters.",
                  "Pass the credential alone, as one line of text.");
    }
    if (editor.key(**c, unused) == LineEditor::State::too_long) return too_long();
    unused.clear();
  }
  Secret secret(editor.take());
  if (secret.empty()) {
    return fail(ErrorCode::invalid_input, "Nothing came on stdin.", "Pass the credential as its first line.");
  }
  return secret;
}

WaitingLine::WaitingLine(std::string text) : text_(std::move(text)) {
  if (!takes_escapes()) {
    write_to_stderr(text_ + "\n");
    return;
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    write_to_stderr(text_ + "\n");
  }
}

WaitingLine::~WaitingLine() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WaitingLine::run() {
  constexpr std::string_view erase_line = "\r\x1b[2K";
  std::unique_lock lock(mutex_);
  for (size_t step = 0; !ending_; ++step) {
    std::string line = text_ + std::string(step % 3 + 1, '.') + std::string(3 - step % 3, ' ') +
                       minutes_and_seconds(std::chrono::steady_clock::now() - start_);
    // A line that wraps could not be erased.
    line.resize(std::min(line.size(), static_cast<size_t>(std::max(columns(false), 2) - 1)));
    write_to_stderr(std::string(erase_line) + line);
    changed_.wait_for(lock, redraw_interval, [this] { return ending_; });
  }
  write_to_stderr(erase_line);
}

}  // namespace clickflow::cli
