#include "process/support/home.h"

#include <fstream>
#include <iterator>
#include <thread>

namespace clickflow::testing {

namespace fs = std::filesystem;

Environment Home::environment(Environment more) const {
  more.emplace("CLICKFLOW_HOME", folder_.path().string());
  return more;
}

std::vector<fs::path> Home::files() const {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
    if (!entry.is_directory()) all.push_back(entry.path());
  return all;
}

std::vector<fs::path> Home::catalogs() const {
  std::vector<fs::path> all;
  for (const auto& file : files())
    if (file.parent_path().filename() == "catalog" && file.extension() == ".json") all.push_back(file);
  return all;
}

bool Home::await_kept(std::string_view text) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    for (const auto& catalog : catalogs())
      if (contents(catalog).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace clickflow::testing
