#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "process/support/program.h"
#include "support/temporary_folder.h"

namespace clickflow::testing {

/// A person's home, which several processes may have in turn or at once: what one keeps is there for the
/// next.
class Home {
 public:
  Environment environment(Environment more = {}) const;

  /// Everything in it that is no folder.
  std::vector<std::filesystem::path> files() const;
  /// The files that hold what is known of a server.
  std::vector<std::filesystem::path> catalogs() const;
  /// False if none of them came to hold `text` within `patience`.
  bool await_kept(std::string_view text) const;
  /// Nothing at all, not even a folder.
  bool is_empty() const { return std::filesystem::is_empty(folder_.path()); }

 private:
  TemporaryFolder folder_;
};

std::string contents(const std::filesystem::path& file);

}  // namespace clickflow::testing
