#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "clickflow/bridge/catalog.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using bridge::Catalog;
using clickflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const Catalog::Key key{"default", "https://api.example.com/mcp", "", ""};

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

fs::path record_in(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json") return entry.path();
  return {};
}

}  // namespace

TEST_CASE("A catalog is for its user alone") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0);
  Catalog catalog(folder / "catalog", key);
  catalog.load();
  catalog.store({});
  Catalog::forget_profile(folder / "catalog", "other");
  ::umask(before);
  CHECK(mode_of(folder / "catalog") == 0700);
  for (const auto& entry : fs::directory_iterator(folder / "catalog")) CHECK(mode_of(entry.path()) == 0600);
}

TEST_CASE("A catalog that others could have written is dropped") {
  const TemporaryFolder folder;
  Catalog catalog(folder / "catalog", key);
  catalog.load();
  catalog.store({});
  REQUIRE(catalog.load());
  const auto file = record_in(folder / "catalog");
  SECTION("because of its mode") {
    REQUIRE(::chmod(file.c_str(), 0666) == 0);
  }
  SECTION("because it is a link") {
    fs::rename(file, folder / "elsewhere");
    fs::create_symlink(folder / "elsewhere", file);
  }
  CHECK_FALSE(catalog.load());
  CHECK_FALSE(fs::exists(fs::symlink_status(file)));
}
