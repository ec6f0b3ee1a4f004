#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "clickflow/bridge/channel.h"
#include "clickflow/bridge/line_reader.h"

namespace clickflow::bridge {
namespace {

constexpr DWORD write_block = 64 * 1024;

// Anonymous pipes, which is what hosts give us, can be neither waited for nor written without blocking: a
// host that goes breaks them, and that ends both calls.
class StdioChannel : public Channel {
 public:
  StdioChannel() {
    in_ = ::GetStdHandle(STD_INPUT_HANDLE);
    ::DuplicateHandle(::GetCurrentProcess(), ::GetStdHandle(STD_OUTPUT_HANDLE), ::GetCurrentProcess(), &out_,
                      0, FALSE, DUPLICATE_SAME_ACCESS);
    ::SetHandleInformation(in_, HANDLE_FLAG_INHERIT, 0);
    ::SetStdHandle(STD_OUTPUT_HANDLE, ::GetStdHandle(STD_ERROR_HANDLE));
    ::_dup2(_fileno(stderr), _fileno(stdout));
  }
  ~StdioChannel() override { ::CloseHandle(out_); }

  Read read(std::string& line) override { return lines_.read(line); }

  bool write(std::initializer_list<std::string_view> pieces) override {
    std::lock_guard lock(write_mutex_);
    for (auto piece : pieces) {
      if (!write_piece(piece)) return false;
    }
    return write_piece("\n");
  }

  void interrupt() override {
    interrupted_ = true;
    ::CancelIoEx(in_, nullptr);
  }

 private:
  size_t fill(char* data, size_t size) {
    DWORD count = 0;
    if (interrupted_ || !::ReadFile(in_, data, static_cast<DWORD>(size), &count, nullptr)) return 0;
    return interrupted_ ? 0 : count;
  }

  bool write_piece(std::string_view piece) {
    while (!piece.empty() && !gone_) {
      DWORD count = 0;
      const auto size = static_cast<DWORD>(std::min<size_t>(piece.size(), write_block));
      if (::WriteFile(out_, piece.data(), size, &count, nullptr)) {
        piece.remove_prefix(count);
      } else {
        gone_ = true;
      }
    }
    return !gone_;
  }

  HANDLE in_ = INVALID_HANDLE_VALUE;
  HANDLE out_ = INVALID_HANDLE_VALUE;
  LineReader lines_{[this](char* data, size_t size) { return fill(data, size); }};
  std::atomic<bool> interrupted_ = false;
  std::mutex write_mutex_;
  bool gone_ = false;
};

}  // namespace

std::unique_ptr<Channel> make_stdio_channel() {
  return std::make_unique<StdioChannel>();
}

}  // namespace clickflow::bridge
