#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <csignal>

#include "process.h"

namespace clickflow::cli {
namespace {

constexpr int end_signals[] = {SIGTERM, SIGINT, SIGHUP};
std::function<void()> end_request;

}  // namespace

void prepare_process() {
  // A launcher may have closed one of them; the next file or socket that we opened would then be stdin or
  // stdout.
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
  }
  // A peer or a reader that has gone is for the write to tell.
  std::signal(SIGPIPE, SIG_IGN);
  // No core fits into a byte. Linux hands cores to a program that collects them at any limit, also 0, but not
  // at this one (fs/coredump.c).
  const rlimit none{1, 1};
  ::setrlimit(RLIMIT_CORE, &none);
#ifdef M_MMAP_THRESHOLD
  // Setting it stops glibc from raising it: blocks above it come from the system and go back to it at once.
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
  ::mallopt(M_ARENA_MAX, 2);
#endif
}

EndRequests::EndRequests(std::function<void()> end) {
  end_request = std::move(end);
  struct sigaction action {};
  action.sa_handler = [](int) { end_request(); };
  sigemptyset(&action.sa_mask);
  for (int signal : end_signals) ::sigaction(signal, &action, nullptr);
}

EndRequests::~EndRequests() {
  for (int signal : end_signals) std::signal(signal, SIG_IGN);
}

}  // namespace clickflow::cli
