#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

namespace clickflow::testing {

/// Keeps what is written to a file descriptor (1 or 2, mostly) from getting out, for as long as it lives.
class CapturedDescriptor {
 public:
  explicit CapturedDescriptor(int number) : number_(number), kept_(::dup(number)), file_(std::tmpfile()) {
    std::fflush(nullptr);
    ::dup2(::fileno(file_), number_);
  }
  ~CapturedDescriptor() {
    std::fflush(nullptr);
    ::dup2(kept_, number_);
    ::close(kept_);
    std::fclose(file_);
  }
  CapturedDescriptor(const CapturedDescriptor&) = delete;
  CapturedDescriptor& operator=(const CapturedDescriptor&) = delete;

  std::string text() const {
    std::fflush(nullptr);
    std::string all(static_cast<size_t>(::lseek(::fileno(file_), 0, SEEK_END)), '\0');
    const ssize_t count = ::pread(::fileno(file_), all.data(), all.size(), 0);
    all.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return all;
  }

 private:
  const int number_;
  const int kept_;
  std::FILE* const file_;
};

}  // namespace clickflow::testing
