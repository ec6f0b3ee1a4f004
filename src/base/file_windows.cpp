#include <windows.h>

#include <chrono>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "clickflow/base/file.h"

namespace clickflow {
namespace {

namespace fs = std::filesystem;

constexpr auto poll_interval = std::chrono::milliseconds(20);
// Virus scanners and indexers open what has just been written, and keep others out meanwhile.
constexpr auto replace_patience = std::chrono::seconds(2);
constexpr auto shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
// LockFileEx keeps others from reading what it locks, so it is given a byte that the file does not have.
constexpr DWORD lock_offset = 0x7fffffff;

std::string name_of(const fs::path& path) {
  const auto text = path.u8string();
  return std::string(text.begin(), text.end());
}

tl::unexpected<Error> system_failure(std::string_view verb, const fs::path& path, DWORD number) {
  std::string reason = std::system_category().message(static_cast<int>(number));
  while (!reason.empty() && (reason.back() == '.' || reason.back() == '\n' || reason.back() == '\r'))
    reason.pop_back();
  return fail(ErrorCode::system, name_of(path) + " can't be " + std::string(verb) + ": " + reason + ".",
              "Check that the folder exists, is yours and has room.");
}

class Handle {
 public:
  explicit Handle(HANDLE value) : value_(value) {}
  ~Handle() { close(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  explicit operator bool() const { return value_ != INVALID_HANDLE_VALUE; }
  HANDLE get() const { return value_; }
  HANDLE release() { return std::exchange(value_, INVALID_HANDLE_VALUE); }
  void close() {
    if (value_ != INVALID_HANDLE_VALUE) ::CloseHandle(release());
  }

 private:
  HANDLE value_;
};

// The user's own folders are closed to other users by what they inherit; there is no mode to set.
Result<void> make_private_folder(const fs::path& folder) {
  std::error_code failure;
  if (!folder.empty()) fs::create_directories(folder, failure);
  if (failure) return system_failure("made", folder, static_cast<DWORD>(failure.value()));
  return {};
}

Result<void> write_all(HANDLE file, const fs::path& path, std::string_view text) {
  constexpr size_t most = 1 << 30;
  while (!text.empty()) {
    DWORD count = 0;
    if (!::WriteFile(file, text.data(), static_cast<DWORD>(std::min(text.size(), most)), &count, nullptr)) {
      return system_failure("written", path, ::GetLastError());
    }
    text.remove_prefix(count);
  }
  if (!::FlushFileBuffers(file)) return system_failure("written", path, ::GetLastError());
  return {};
}

Result<void> replace(const fs::path& temporary, const fs::path& path) {
  const auto deadline = std::chrono::steady_clock::now() + replace_patience;
  while (
      !::MoveFileExW(temporary.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
    const DWORD number = ::GetLastError();
    const bool in_use = number == ERROR_SHARING_VIOLATION || number == ERROR_ACCESS_DENIED;
    if (!in_use || std::chrono::steady_clock::now() >= deadline)
      return system_failure("written", path, number);
    std::this_thread::sleep_for(poll_interval);
  }
  return {};
}

OVERLAPPED lock_region() {
  OVERLAPPED region{};
  region.Offset = lock_offset;
  return region;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  const Handle file(::CreateFileW(path.c_str(), GENERIC_READ, shared, nullptr, OPEN_EXISTING,
                                  FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) {
    const DWORD number = ::GetLastError();
    if (number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND) {
      return fail(ErrorCode::invalid_input, name_of(path) + " does not exist.", "Check the path.");
    }
    return system_failure("read", path, number);
  }
  std::string text;
  // One allocation: a secret that is read here leaves no copies behind.
  LARGE_INTEGER size{};
  if (::GetFileSizeEx(file.get(), &size) && size.QuadPart > 0)
    text.reserve(static_cast<size_t>(size.QuadPart));
  char block[16384];
  for (;;) {
    DWORD count = 0;
    if (!::ReadFile(file.get(), block, sizeof block, &count, nullptr)) {
      return system_failure("read", path, ::GetLastError());
    }
    if (count == 0) return text;
    text.append(block, count);
  }
}

Result<void> write_file(const fs::path& path, std::string_view text) {
  if (auto folder = make_private_folder(path.parent_path()); !folder) return folder;
  fs::path temporary = path;
  temporary += "." + std::to_string(std::random_device()());
  Handle file(::CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL,
                            nullptr));
  if (!file) return system_failure("written", path, ::GetLastError());
  auto written = write_all(file.get(), path, text);
  file.close();
  if (written) written = replace(temporary, path);
  if (!written) ::DeleteFileW(temporary.c_str());
  return written;
}

Result<void> check_private(const fs::path&) {
  return {};
}

Result<FileLock> FileLock::acquire(const fs::path& path, int milliseconds) {
  if (auto folder = make_private_folder(path.parent_path()); !folder)
    return tl::make_unexpected(folder.error());
  Handle file(::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, shared, nullptr, OPEN_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) return system_failure("locked", path, ::GetLastError());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  for (OVERLAPPED region = lock_region();
       !::LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &region);) {
    const DWORD number = ::GetLastError();
    if (number != ERROR_LOCK_VIOLATION && number != ERROR_IO_PENDING)
      return system_failure("locked", path, number);
    if (std::chrono::steady_clock::now() >= deadline) {
      const auto process = holder(path);
      return fail(ErrorCode::timed_out,
                  (process ? "Process " + std::to_string(process->id) : "Another process") + " holds " +
                      name_of(path) + ".",
                  "Try again in a moment.");
    }
    std::this_thread::sleep_for(poll_interval);
  }
  // For whoever waits, and for people who look; the lock is good without it.
  const std::string name = ProcessIdentity::self().to_string();
  DWORD count = 0;
  if (::SetEndOfFile(file.get()))
    ::WriteFile(file.get(), name.data(), static_cast<DWORD>(name.size()), &count, nullptr);
  return FileLock(reinterpret_cast<intptr_t>(file.release()));
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
  if (handle_ == -1) return;
  const HANDLE file = reinterpret_cast<HANDLE>(handle_);
  if (::SetFilePointer(file, 0, nullptr, FILE_BEGIN) == 0) ::SetEndOfFile(file);
  // Closing alone lets go as well, but Windows doesn't promise when.
  OVERLAPPED region = lock_region();
  ::UnlockFileEx(file, 0, 1, 0, &region);
  ::CloseHandle(file);
}

}  // namespace clickflow
