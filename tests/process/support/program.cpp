#include "process/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "clickflow/base/boost_process.h"
#include "support/temporary_folder.h"

namespace clickflow::testing {
namespace {

namespace bp = boost::process;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Neither end reaches another child: a program whose stdin somebody else holds open never sees its end.
struct Pipe : bp::pipe {
  Pipe() {
    for (const int end : {native_source(), native_sink()}) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  void close_source() {
    if (native_source() >= 0) ::close(native_source());
    assign_source(-1);
  }
  void close_sink() {
    if (native_sink() >= 0) ::close(native_sink());
    assign_sink(-1);
  }
};

bool wait_for(int descriptor, short what, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    pollfd waits{descriptor, what, 0};
    const int ready = ::poll(&waits, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw std::runtime_error("poll failed");
  }
}

bp::environment to_boost(const Environment& variables) {
  bp::environment result;
  for (const auto& [name, value] : variables) result[name] = value;
  return result;
}

}  // namespace

std::string program_path() {
  const char* path = std::getenv("CLICKFLOW_MCP");
  return path && *path ? path : CLICKFLOW_MCP_PROGRAM;
}

Environment whole_environment(const Environment& given, const std::filesystem::path& home) {
  // A sign-in of the person who runs the tests must neither be used nor touched.
  Environment result = given;
  result.emplace("CLICKFLOW_HOME", home.string());
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) result.emplace(name, value);
  }
  return result;
}

struct Program::Process {
  Process(const Arguments& arguments, const Environment& environment, const std::string& path)
      : child(
            bp::exe = path, bp::args = arguments, to_boost(whole_environment(environment, home.path())),
            bp::std_in<in, bp::std_out> out, bp::std_err > err, bp::extend::on_exec_setup = [](auto&) {
              std::signal(SIGPIPE, SIG_DFL);
              ::setsid();  // away from the terminal that the tests were started from
            }) {
    in.close_source();
    out.close_sink();
    err.close_sink();
    ::fcntl(in.native_sink(), F_SETFL, O_NONBLOCK);
    reader = std::thread([this] { read_log(); });
    waiter = std::thread([this] { await_end(); });
  }

  ~Process() {
    signal(SIGKILL);
    waiter.join();
    reader.join();
  }

  void read_log() {
    char block[4096];
    for (;;) {
      const ssize_t count = ::read(err.native_source(), block, sizeof block);
      if (count < 0 && errno == EINTR) continue;
      std::lock_guard lock(mutex);
      if (count > 0) log.append(block, static_cast<size_t>(count));
      log_ended = count <= 0;
      changed.notify_all();
      if (log_ended) return;
    }
  }

  void await_end() {
    std::error_code ignored;
    child.wait(ignored);
    const int status = child.native_exit_code();
    std::lock_guard lock(mutex);
    exit = WIFSIGNALED(status) ? Exit{0, WTERMSIG(status)} : Exit{WEXITSTATUS(status), 0};
    changed.notify_all();
  }

  void signal(int number) {
    std::lock_guard lock(mutex);
    if (!exit) ::kill(child.id(), number);
  }

  const TemporaryFolder home;
  Pipe in, out, err;
  bp::child child;
  std::thread reader, waiter;
  std::mutex mutex;
  std::condition_variable changed;
  std::string log;
  bool log_ended = false;
  std::optional<Exit> exit;
};

Program::Program(const Arguments& arguments, const Environment& environment, const std::string& path) {
  std::signal(SIGPIPE, SIG_IGN);
  process_ = std::make_unique<Process>(arguments, environment, path);
}

Program::~Program() = default;

int Program::pid() const {
  return process_->child.id();
}

void Program::send(std::string_view line) {
  send_bytes(std::string(line) + "\n");
}

void Program::send_bytes(std::string_view bytes) {
  const auto deadline = Clock::now() + patience;
  while (!bytes.empty() && wait_for(process_->in.native_sink(), POLLOUT, deadline)) {
    const ssize_t count = ::write(process_->in.native_sink(), bytes.data(), bytes.size());
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
    if (count < 0 && errno != EAGAIN && errno != EINTR) break;
  }
  if (!bytes.empty()) throw std::runtime_error("the program reads no more");
}

void Program::close_stdin() {
  process_->in.close_sink();
}

void Program::close_stdout() {
  process_->out.close_source();
}

std::optional<std::string> Program::try_read_line(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::string block(256 * 1024, '\0');
  for (size_t looked_at = 0;;) {
    if (const size_t end = unread_.find('\n', looked_at); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    looked_at = unread_.size();
    if (!wait_for(process_->out.native_source(), POLLIN, deadline)) return std::nullopt;
    const ssize_t count = ::read(process_->out.native_source(), block.data(), block.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return std::nullopt;
    if (count > 0) unread_.append(block, 0, static_cast<size_t>(count));
  }
}

std::string Program::read_line(milliseconds limit) {
  auto line = try_read_line(limit);
  if (!line) throw std::runtime_error("the program wrote no line; its log is:\n" + log());
  return std::move(*line);
}

std::string Program::read_rest() {
  std::string rest;
  while (const auto line = try_read_line(patience)) rest += *line + "\n";
  return rest + std::exchange(unread_, {});
}

void Program::await_unread(int count) const {
  const auto deadline = Clock::now() + patience;
  for (int unread = 0;; std::this_thread::sleep_for(milliseconds(1))) {
    if (::ioctl(process_->out.native_source(), FIONREAD, &unread) != 0)
      throw std::runtime_error("ioctl failed");
    if (unread >= count) return;
    if (Clock::now() >= deadline)
      throw std::runtime_error("only " + std::to_string(unread) + " bytes wait to be read");
  }
}

std::string Program::log() const {
  std::lock_guard lock(process_->mutex);
  return process_->log;
}

void Program::await_log(std::string_view text, size_t from) const {
  std::unique_lock lock(process_->mutex);
  const auto has_come = [&] { return process_->log.find(text, from) != std::string::npos; };
  if (!process_->changed.wait_for(lock, patience, [&] { return has_come() || process_->log_ended; }) ||
      !has_come())
    throw std::runtime_error("the log does not say \"" + std::string(text) + "\" but:\n" + process_->log);
}

void Program::signal(int number) const {
  process_->signal(number);
}

Exit Program::wait(milliseconds limit) {
  std::unique_lock lock(process_->mutex);
  if (!process_->changed.wait_for(lock, limit, [&] { return process_->exit && process_->log_ended; }))
    throw std::runtime_error("the program does not end; its log is:\n" + process_->log);
  return *process_->exit;
}

Outcome run(const Arguments& arguments, const Environment& environment, const std::string& path) {
  Program program(arguments, environment, path);
  program.close_stdin();
  Outcome outcome;
  outcome.out = program.read_rest();
  outcome.exit = program.wait();
  outcome.err = program.log();
  return outcome;
}

}  // namespace clickflow::testing
