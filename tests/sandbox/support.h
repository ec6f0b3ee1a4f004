#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/random.h"
#include "clickflow/sandbox/time.h"
#include "support/json.h"

/// What the tests of the sandbox share.
namespace clickflow::sandbox::testing {

/// A folder that goes with the object.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("clickflow-test-" + random_text(10))) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

/// A time that only the test moves, while whoever has a clock of it reads. Outlives the clocks that it gives.
class Hands {
 public:
  Clock clock() {
    return [this] { return now(); };
  }
  void move(std::chrono::milliseconds by) { now_ = now() + by; }
  Time now() const { return now_.load(); }

 private:
  std::atomic<Time> now_{*parse_time("2026-11-24T03:40:14Z")};
};

inline Caller caller(std::initializer_list<const char*> scopes = {"tools:*"}) {
  Caller who{"key_test", "org_abc123", {}};
  for (const char* scope : scopes) who.scopes.push_back(*mcp::Scope::parse(scope));
  return who;
}

}  // namespace clickflow::sandbox::testing
