#include "../../src/keychain/file_store.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fstream>

#include "clickflow/base/file.h"
#include "clickflow/keychain/secret_store.h"
#include "support/captured_descriptor.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::keychain;
using clickflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const Cancellation nobody_gives_up;

struct Fixture {
  TemporaryFolder parent;
  fs::path folder = parent.path() / "state" / "tokens";
  FileStore store{folder};

  Result<std::optional<Secret>> read(const std::string& key = "key") {
    return store.read(key, nobody_gives_up);
  }
  Result<void> write(const std::string& value, const std::string& key = "key") {
    return store.write(key, Secret(value), nobody_gives_up);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    return files;
  }
  fs::path file() const { return files().at(0); }
};

int mode_of(const fs::path& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "A file entry reads as it was written") {
  const std::string value = GENERATE(std::string("x"), std::string(), std::string("Schlüssel 🔑 日本\n"),
                                     std::string("a\0b", 3), std::string(20000, 'q'));
  REQUIRE(write("another one"));
  REQUIRE(write(value));
  const auto entry = read();
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->expose() == value);
  CHECK(files().size() == 1);
}

TEST_CASE_METHOD(Fixture, "A file entry is for the user only, and its name gives nothing away") {
  REQUIRE(write("value", "../../../work https://login.example"));
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(file()) == 0600);
  CHECK(file().filename().string().size() == 64);
  CHECK(file().filename().string().find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "A file entry that isn't there is not found, which is no error") {
  const auto entry = read();
  REQUIRE(entry);
  CHECK_FALSE(*entry);
  CHECK_FALSE(*store.remove("key", nobody_gives_up));
}

TEST_CASE_METHOD(Fixture, "A removed file entry is gone, with what a killed writer left beside it") {
  REQUIRE(write("value"));
  REQUIRE(write("value", "other"));
  REQUIRE(store.read("key", nobody_gives_up));
  for (const auto& file : files()) std::ofstream(file.string() + ".Ab12Cd") << "half a tok";
  CHECK(*store.remove("key", nobody_gives_up));
  CHECK_FALSE(*read());
  CHECK(*read("other"));
  CHECK(files().size() == 2);
}

TEST_CASE_METHOD(Fixture, "A file entry that others can get at is refused") {
  REQUIRE(write("value"));
  const std::string what = GENERATE("file", "folder", "link");
  CAPTURE(what);
  if (what == "file") ::chmod(file().c_str(), 0604);
  if (what == "folder") ::chmod(folder.c_str(), 0770);
  if (what == "link") {
    const fs::path link = file();
    fs::rename(link, parent.path() / "elsewhere");
    fs::create_symlink(parent.path() / "elsewhere", link);
  }
  const auto entry = read();
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_refused);
  CHECK_FALSE(entry.error().remedy.empty());
  if (what == "folder") CHECK(write("value").error().code == ErrorCode::keychain_refused);
}

TEST_CASE_METHOD(Fixture, "A file entry that was changed is damaged, never half a token") {
  REQUIRE(write("a token of some length"));
  auto content = *read_file(file());
  const std::string how = GENERATE("cut", "changed", "emptied", "something else");
  CAPTURE(how);
  if (how == "cut") content.pop_back();
  if (how == "changed") content.back() = '!';
  if (how == "emptied") content.clear();
  if (how == "something else") content = std::string(200, 'x');
  REQUIRE(write_file(file(), content));
  const auto entry = read();
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_damaged);
  CHECK(entry.error().message().find("token of") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Who keeps tokens in files and waits for them is not told to keep them in files") {
  const auto late = store.late();
  CHECK(late.value().code == ErrorCode::timed_out);
  CHECK(late.value().what.find(folder.string()) != std::string::npos);
  CHECK(late.value().remedy.find("--token-store") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Tokens in files are kept only when asked for by name, and the log says so once") {
  Settings settings;
  settings.kind = Settings::Kind::file;
  settings.folder = folder;
  const testing::CapturedDescriptor log(2);
  for (int i = 0; i < 2; ++i) {
    const auto made = make_secret_store(settings);
    REQUIRE(made);
    CHECK((*made)->description().find(folder.string()) != std::string::npos);
    REQUIRE((*made)->write("key", Secret("some token")));
    CHECK((*(*made)->read("key"))->expose() == "some token");
  }
  const std::string text = log.text();
  const size_t first = text.find("Tokens are kept in files");
  CHECK(first != std::string::npos);
  CHECK(text.find("Tokens are kept in files", first + 1) == std::string::npos);
  CHECK(text.find("some token") == std::string::npos);
}
