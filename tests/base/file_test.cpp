#include "clickflow/base/file.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <thread>

#include "support/temporary_folder.h"
#include "support/waiting.h"

using namespace clickflow;
using clickflow::testing::Stopwatch;
using clickflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

TEST_CASE("What is written is read again, byte for byte") {
  const TemporaryFolder folder;
  std::string text = "line\r\n\xff";
  text += '\0';
  text += std::string(100'000, 'x');
  REQUIRE(write_file(folder / "a", text));
  CHECK(read_file(folder / "a").value() == text);
  REQUIRE(write_file(folder / "a", ""));
  CHECK(read_file(folder / "a").value().empty());
}

TEST_CASE("A file that is not there is told apart from one that can't be read") {
  const TemporaryFolder folder;
  CHECK(read_file(folder / "none").error().code == ErrorCode::invalid_input);
  CHECK(read_file(folder.path()).error().code == ErrorCode::system);
}

TEST_CASE("A write that fails changes nothing and leaves nothing behind") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "taken");
  std::ofstream(folder / "taken" / "inside") << "kept";
  const auto written = write_file(folder / "taken", "text");  // a folder can't be replaced by a file
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::system);
  CHECK(written.error().what.find((folder / "taken").string()) != std::string::npos);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
  CHECK(fs::exists(folder / "taken" / "inside"));
}

TEST_CASE("A reader sees the old text or the new one, never a part") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const std::string one(50'000, '1'), two(50'000, '2');
  REQUIRE(write_file(file, one));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) (void)write_file(file, i % 2 ? one : two);
    done = true;
  });
  bool whole = true;
  while (!done) {
    const auto text = read_file(file);
    whole = whole && text && (*text == one || *text == two);
  }
  writer.join();
  CHECK(whole);
}

TEST_CASE("A lock is held by one, and given on when it goes") {
  const TemporaryFolder folder;
  const auto path = folder / "deep" / "lock";
  auto first = FileLock::acquire(path, 0);
  REQUIRE(first);

  const Stopwatch waited;
  const auto second = FileLock::acquire(path, 100);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::timed_out);
  CHECK(waited.elapsed().count() >= 100);

  { const FileLock moved = std::move(*first); }
  CHECK(FileLock::acquire(path, 0));
  CHECK(fs::exists(path));
}

TEST_CASE("A lock that is moved away is held on") {
  const TemporaryFolder folder;
  auto first = FileLock::acquire(folder / "lock", 0);
  auto other = FileLock::acquire(folder / "other", 0);
  REQUIRE(first);
  REQUIRE(other);
  *other = std::move(*first);
  CHECK_FALSE(FileLock::acquire(folder / "lock", 0));
}

TEST_CASE("Whoever waits for a lock gets it when it is let go") {
  const TemporaryFolder folder;
  auto first = std::make_unique<FileLock>(FileLock::acquire(folder / "lock", 0).value());
  std::thread holder([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    first.reset();
  });
  CHECK(FileLock::acquire(folder / "lock", 10'000));
  holder.join();
}
