#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "clickflow/base/file.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using clickflow::testing::TemporaryFolder;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("A file gets mode 0600 and its folders 0700, whatever the umask says") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0);
  const bool written = write_file(folder / "a" / "b" / "c", "text").has_value();
  const bool locked = FileLock::acquire(folder / "x" / "lock", 0).has_value();
  ::umask(before);
  REQUIRE(written);
  REQUIRE(locked);
  CHECK(mode_of(folder / "a") == 0700);
  CHECK(mode_of(folder / "a" / "b") == 0700);
  CHECK(mode_of(folder / "a" / "b" / "c") == 0600);
  CHECK(mode_of(folder / "x") == 0700);
  CHECK(mode_of(folder / "x" / "lock") == 0600);
}

TEST_CASE("A file that everybody could read is replaced by one that they can't") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old";
  ::chmod((folder / "a").c_str(), 0644);
  REQUIRE(write_file(folder / "a", "new"));
  CHECK(mode_of(folder / "a") == 0600);
}

TEST_CASE("A lock is let go when its process dies") {
  const TemporaryFolder folder;
  const auto path = folder / "lock";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FileLock::acquire(path, 0);
    const char answer = lock ? 'y' : 'n';
    (void)!::write(ready[1], &answer, 1);
    for (;;) ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK_FALSE(FileLock::acquire(path, 50));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(FileLock::acquire(path, 5'000));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("A child does not inherit a lock") {
  const TemporaryFolder folder;
  const auto lock = FileLock::acquire(folder / "lock", 0);
  REQUIRE(lock);
  // What the child would inherit is what has no FD_CLOEXEC.
  for (int descriptor = 3; descriptor < 64; ++descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    struct stat info {
    }, lock_info{};
    if (flags < 0 || ::fstat(descriptor, &info) != 0) continue;
    REQUIRE(::stat((folder / "lock").c_str(), &lock_info) == 0);
    if (info.st_ino == lock_info.st_ino && info.st_dev == lock_info.st_dev) CHECK((flags & FD_CLOEXEC) != 0);
  }
}
