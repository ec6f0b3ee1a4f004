#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "clickflow/cli/terminal.h"
#include "terminal_device.h"

namespace clickflow::cli {
namespace {

class ControllingTerminal : public TerminalDevice {
 public:
  ControllingTerminal(int handle, const termios& before) : handle_(handle), before_(before) {
    termios keys = before;
    // Key by key, which also lifts the limit on a line's length; Ctrl-C comes as a key, so that nothing can
    // end us between here and the destructor but a signal from outside.
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    ::tcsetattr(handle_, TCSAFLUSH, &keys);
  }
  ~ControllingTerminal() override {
    ::tcsetattr(handle_, TCSAFLUSH, &before_);
    ::close(handle_);
  }

  std::optional<char> read(int milliseconds) override {
    pollfd entry{handle_, POLLIN, 0};
    int ready = 0;
    while ((ready = ::poll(&entry, 1, milliseconds)) < 0 && errno == EINTR) {
    }
    char c = 0;
    if (ready <= 0 || ::read(handle_, &c, 1) != 1) return std::nullopt;
    return c;
  }

  void write(std::string_view text) override {
    while (!text.empty()) {
      const ssize_t count = ::write(handle_, text.data(), text.size());
      if (count < 0 && errno != EINTR) return;
      if (count > 0) text.remove_prefix(static_cast<size_t>(count));
    }
  }

 private:
  const int handle_;
  const termios before_;
};

}  // namespace

Result<std::unique_ptr<TerminalDevice>> TerminalDevice::open() {
  const int handle = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios before{};
  if (handle < 0 || ::tcgetattr(handle, &before) != 0) {
    if (handle >= 0) ::close(handle);
    return fail(ErrorCode::invalid_input, "There is no terminal to ask on.",
                "Run it in a terminal, or pass the answer on stdin where the command takes it there.");
  }
  return std::make_unique<ControllingTerminal>(handle, before);
}

Result<std::optional<char>> read_stdin(int milliseconds) {
  pollfd entry{STDIN_FILENO, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&entry, 1, milliseconds)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return fail(ErrorCode::timed_out, "Nothing came on stdin.", "");
  char c = 0;
  const ssize_t count = ::read(STDIN_FILENO, &c, 1);
  if (count < 0) return fail(ErrorCode::system, "stdin can't be read.", "Check what it is connected to.");
  return count == 0 ? std::nullopt : std::optional(c);
}

bool is_terminal(Stream stream) {
  const int handles[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  return ::isatty(handles[static_cast<int>(stream)]) == 1;
}

bool understands_escapes() {
  return true;
}

int columns(bool out) {
  winsize size{};
  return ::ioctl(out ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                                                 : 80;
}

}  // namespace clickflow::cli
