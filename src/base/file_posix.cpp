#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "clickflow/base/file.h"

namespace clickflow {
namespace {

namespace fs = std::filesystem;

constexpr auto lock_poll_interval = std::chrono::milliseconds(20);

tl::unexpected<Error> system_failure(std::string_view verb, const fs::path& path, int number) {
  return fail(
      ErrorCode::system,
      path.string() + " can't be " + std::string(verb) + ": " + std::generic_category().message(number) + ".",
      "Check that the folder exists, is yours and has room.");
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Result<void> make_private_folder(const fs::path& folder) {
  std::error_code failure;
  if (folder.empty() || fs::is_directory(folder, failure)) return {};
  if (auto parent = make_private_folder(folder.parent_path()); !parent) return parent;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("made", folder, errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) {
      return fail(ErrorCode::invalid_input, path.string() + " does not exist.", "Check the path.");
    }
    return system_failure("read", path, errno);
  }
  std::string text;
  // One allocation: a secret that is read here leaves no copies behind.
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && info.st_size > 0) text.reserve(static_cast<size_t>(info.st_size));
  char block[16384];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) return system_failure("read", path, errno);
    if (count > 0) text.append(block, static_cast<size_t>(count));
  }
}

Result<void> write_file(const fs::path& path, std::string_view text) {
  if (auto folder = make_private_folder(path.parent_path()); !folder) return folder;
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
  if (file.get() < 0) return system_failure("written", path, errno);
  while (!text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int number = errno;
      ::unlink(temporary.c_str());
      return system_failure("written", path, number);
    }
    text.remove_prefix(static_cast<size_t>(count));
  }
  if (::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(temporary.c_str());
    return system_failure("written", path, number);
  }
  // So that the new name outlasts a power cut; where a folder can't be synced, it already does as well as it
  // can.
  const fs::path folder = path.parent_path();
  Descriptor names(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (names.get() >= 0) ::fsync(names.get());
  return {};
}

Result<void> check_private(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return system_failure("examined", path, errno);
  if (S_ISLNK(info.st_mode) || info.st_uid != ::geteuid()) {
    return fail(ErrorCode::forbidden, path.string() + " is a link, or another user's.",
                "Find out who put it there, then remove it.");
  }
  if ((info.st_mode & 077) != 0) {
    return fail(ErrorCode::forbidden, "Other users have access to " + path.string() + ".",
                S_ISDIR(info.st_mode) ? "Run `chmod 700` on it." : "Run `chmod 600` on it.");
  }
  return {};
}

Result<FileLock> FileLock::acquire(const fs::path& path, int milliseconds) {
  if (auto folder = make_private_folder(path.parent_path()); !folder)
    return tl::make_unexpected(folder.error());
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_failure("locked", path, errno);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_failure("locked", path, errno);
    if (std::chrono::steady_clock::now() >= deadline) {
      const auto process = holder(path);
      return fail(ErrorCode::timed_out,
                  (process ? "Process " + std::to_string(process->id) : "Another process") + " holds " +
                      path.string() + ".",
                  "Try again in a moment.");
    }
    std::this_thread::sleep_for(lock_poll_interval);
  }
  // For whoever waits, and for people who look; the lock is good without it.
  const std::string name = ProcessIdentity::self().to_string();
  if (::ftruncate(file.get(), 0) == 0) (void)!::pwrite(file.get(), name.data(), name.size(), 0);
  return FileLock(file.release());
}

std::optional<ProcessIdentity> FileLock::holder(const fs::path& path) {
  const auto text = read_file(path);
  return text ? ProcessIdentity::parse(*text) : std::nullopt;
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

FileLock::~FileLock() {
  if (handle_ < 0) return;
  (void)!::ftruncate(static_cast<int>(handle_), 0);
  ::close(static_cast<int>(handle_));
}

}  // namespace clickflow
