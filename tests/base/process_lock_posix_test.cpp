#include "clickflow/base/file.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "clickflow/base/process_lock.h"
#include "support/environment.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using clickflow::testing::EnvironmentVariable;
using clickflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

int mode_of(const fs::path& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

/// A child process that takes a lock, and holds it until it is killed.
class Holder {
 public:
  template <class Acquire>
  explicit Holder(const Acquire& acquire) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    process_ = ::fork();
    if (process_ == 0) {
      const Result<FileLock> lock = acquire();
      (void)!::write(ready[1], lock ? "+" : "-", 1);
      ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char answer = 0;
    (void)!::read(ready[0], &answer, 1);
    ::close(ready[0]);
    if (answer != '+') kill();
    REQUIRE(answer == '+');
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  pid_t process() const { return process_; }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  pid_t process_ = -1;
};

}  // namespace

TEST_CASE("A file is written whole, for the user only, in a folder for the user only") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a" / "b" / "c";
  REQUIRE(write_file(file, "one"));
  REQUIRE(write_file(file, "two"));
  CHECK(*read_file(file) == "two");
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(folder.path() / "a" / "b") == 0700);
  CHECK(std::distance(fs::directory_iterator(folder.path() / "a" / "b"), {}) == 1);
  CHECK(read_file(folder.path() / "x").error().code == ErrorCode::invalid_input);
}

TEST_CASE("Private means that nobody else has access") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a";
  REQUIRE(write_file(file, "x"));
  CHECK(check_private(file));
  CHECK(check_private(folder.path()));

  ::chmod(file.c_str(), 0640);
  CHECK(check_private(file).error().code == ErrorCode::forbidden);
  ::chmod(folder.path().c_str(), 0711);
  CHECK(check_private(folder.path()).error().code == ErrorCode::forbidden);
  fs::create_symlink(file, folder.path() / "link");
  CHECK(check_private(folder.path() / "link").error().code == ErrorCode::forbidden);
}

TEST_CASE("Who waits for a lock in vain is told which process holds it") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "lock";
  const Holder child([&] { return FileLock::acquire(path, 0); });
  CHECK(FileLock::holder(path) == ProcessIdentity::of(child.process()));
  const auto lock = FileLock::acquire(path, 50);
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == ErrorCode::timed_out);
  CHECK(lock.error().what.find("Process " + std::to_string(child.process())) != std::string::npos);
}

TEST_CASE("A lock outlives nobody: when its holder is killed, the next one has it at once") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "lock";
  Holder([&] { return FileLock::acquire(path, 0); }).kill();
  CHECK_FALSE(FileLock::holder(path)->is_running());
  {
    const auto lock = FileLock::acquire(path, 0);
    REQUIRE(lock);
    CHECK(FileLock::holder(path) == ProcessIdentity::self());
  }
  CHECK_FALSE(FileLock::holder(path));
}

TEST_CASE("A named lock is one lock for all processes of the user") {
  const TemporaryFolder folder;
  const EnvironmentVariable home("CLICKFLOW_HOME", folder.path().string());
  const EnvironmentVariable runtime("XDG_RUNTIME_DIR", std::nullopt);
  Holder child([&] {
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);  // a desktop's child, while we are a terminal's
    return lock_for_user("refresh-1", 0);
  });
  CHECK(lock_for_user("refresh-1", 20).error().code == ErrorCode::timed_out);
  CHECK(lock_for_user("refresh-2", 20));
  child.kill();
  CHECK(lock_for_user("refresh-1", 0));
  CHECK(mode_of(folder.path() / "state" / "locks") == 0700);
}

TEST_CASE("A lock's name can't leave the folder of locks") {
  for (const char* name : {"", "../x", "a/b", "A", "a b", "a:b"}) {
    CAPTURE(name);
    CHECK(lock_for_user(name, 0).error().code == ErrorCode::invalid_input);
  }
}
