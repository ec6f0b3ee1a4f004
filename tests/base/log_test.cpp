#include "clickflow/base/log.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>

#include "clickflow/base/file.h"
#include "clickflow/base/secret.h"
#include "support/temporary_folder.h"

namespace logging = clickflow::log;
namespace fs = std::filesystem;
using clickflow::testing::TemporaryFolder;

TEST_CASE("What looks like a credential is blotted out") {
  struct Row {
    const char* text;
    const char* clean;
  };
  const auto row = GENERATE(
      Row{"Authorization: Bearer eyJh.bGci-Oi_J~9+/==", "Authorization: Bearer [hidden]"},
      Row{"bearer abc, and more", "bearer [hidden], and more"}, Row{"BEARER abc", "BEARER [hidden]"},
      Row{"Bearer   abc", "Bearer   [hidden]"}, Row{"\"Bearer abc\"", "\"Bearer [hidden]\""},
      Row{"Bearer a, Bearer b", "Bearer [hidden], Bearer [hidden]"},
      Row{"Proxy-Authorization: Basic dXNlcjpwYXNz", "Proxy-Authorization: Basic [hidden]"},
      Row{"the key cf_ak_0123abcdXYZ_- is old", "the key cf_ak_[hidden] is old"},
      Row{"CF_AK_01234567", "CF_AK_[hidden]"}, Row{"x=cf_ak_01234567&y=1", "x=cf_ak_[hidden]&y=1"},
      Row{"cf_ak_abcdefgh:cf_ak_ijklmnop", "cf_ak_[hidden]:cf_ak_[hidden]"}, Row{"cf_ak_", "cf_ak_"},
      Row{"it begins with cf_ak_.", "it begins with cf_ak_."},
      Row{"cf_ak_too_few is none, cf_ak_enough_8 is one", "cf_ak_too_few is none, cf_ak_[hidden] is one"},
      Row{"Bearer ", "Bearer "}, Row{"Bearer", "Bearer"}, Row{"Bearer \"x\"", "Bearer \"x\""}, Row{"", ""},
      Row{"nothing to hide", "nothing to hide"});
  CAPTURE(row.text);
  CHECK(logging::redact(row.text) == row.clean);
  CHECK(logging::redact(logging::redact(row.text)) == row.clean);
}

TEST_CASE("A value that was registered appears in no line") {
  logging::hide("hunter2-hunter2");
  CHECK(logging::redact("hunter2-hunter2") == "[hidden]");
  CHECK(logging::redact("<hunter2-hunter2hunter2-hunter2>") == "<[hidden][hidden]>");
  CHECK(logging::redact("hunter2-hunter") == "hunter2-hunter");
}

TEST_CASE("A registered value that begins with another one leaves no rest of itself") {
  logging::hide("first-half");
  logging::hide("first-half-and-second-half");
  CHECK(logging::redact("first-half-and-second-half") == "[hidden]");
  CHECK(logging::redact("first-half") == "[hidden]");
}

TEST_CASE("A value under 8 characters is not remembered, since it would blot out words") {
  logging::hide("session");
  logging::hide("");
  CHECK(logging::redact("the session is lost") == "the session is lost");
}

TEST_CASE("The log knows as many of the latest secrets as a process has in hand, and no more") {
  const auto secret = [](int number) { return "secret-of-old-" + std::to_string(number) + "!"; };
  for (int number = 0; number < 256; ++number) logging::hide(secret(number));
  logging::hide(secret(0));  // is in use again
  logging::hide(secret(256));
  CHECK(logging::redact(secret(0)) == "[hidden]");
  CHECK(logging::redact(secret(1)) == secret(1));
  CHECK(logging::redact(secret(2)) == "[hidden]");
  CHECK(logging::redact(secret(256)) == "[hidden]");
}

TEST_CASE("Control characters are escaped, so that a peer can't forge a line") {
  struct Row {
    const char* text;
    const char* clean;
  };
  const auto row = GENERATE(Row{"a\nb", "a\\x0ab"}, Row{"a\r\nb", "a\\x0d\\x0ab"},
                            Row{"\x1b[31mred", "\\x1b[31mred"}, Row{"\t", "\\x09"}, Row{"\x7f", "\\x7f"},
                            // C1, which a terminal obeys as well: U+009B is ESC [ in one character.
                            Row{"\xC2\x9B"
                                "31m",
                                "\\u009b31m"},
                            Row{"\xC2\x80\xC2\x9F", "\\u0080\\u009f"},
                            Row{"\xC2\xA0\xC3\xA9 \xE2\x82\xAC", "\xC2\xA0\xC3\xA9 \xE2\x82\xAC"});
  CAPTURE(row.clean);
  CHECK(logging::redact(row.text) == row.clean);
  CHECK(logging::redact(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("A line end inside a credential does not save the rest of it from being seen as text") {
  CHECK(logging::redact("Bearer abc\ndef") == "Bearer [hidden]\\x0adef");
}

TEST_CASE("The log file has mode 0600 and holds what was written, without secrets") {
  const TemporaryFolder folder;
  const auto file = folder / "bridge.log";
  REQUIRE_FALSE(logging::start({logging::Level::info, file}));
  const clickflow::Secret secret("open-sesame-open");
  logging::info("the word is {} and the key is cf_ak_in-the-file", secret.expose());
  logging::debug("too small to be written");
  logging::warn("one\ntwo");
  logging::start({logging::Level::warn, {}});

  CHECK((fs::status(file).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  const auto text = clickflow::read_file(file);
  REQUIRE(text);
  CHECK(text->find("the word is [hidden] and the key is cf_ak_[hidden]") != std::string::npos);
  CHECK(text->find("too small") == std::string::npos);
  CHECK(text->find("one\\x0atwo\n") != std::string::npos);
  CHECK(text->find("open-sesame") == std::string::npos);
}

TEST_CASE("A log file that can't be opened is told in words, and the log goes on") {
  const TemporaryFolder folder;
  const auto problem = logging::start({logging::Level::off, folder.path()});  // a folder is no file
  logging::error("this goes nowhere, and is no crash");
  logging::start({logging::Level::warn, {}});
  REQUIRE(problem);
  CHECK_FALSE(problem->empty());
}

TEST_CASE("A level lets through what is as grave and no less") {
  logging::start({logging::Level::warn, {}});
  CHECK(logging::enabled(logging::Level::error));
  CHECK(logging::enabled(logging::Level::warn));
  CHECK_FALSE(logging::enabled(logging::Level::info));
  logging::start({logging::Level::off, {}});
  CHECK_FALSE(logging::enabled(logging::Level::error));
  logging::start({logging::Level::warn, {}});
}

TEST_CASE("A log file is followed by another at 5 MiB, three are kept, and each has mode 0600") {
  const TemporaryFolder folder;
  const auto file = folder / "bridge.log";
  for (int round = 0; round < 5; ++round) {
    std::ofstream(file, std::ios::app) << "";
    fs::resize_file(file, 5 * 1024 * 1024 - 10);
    REQUIRE_FALSE(logging::start({logging::Level::warn, file}));
    logging::warn("this line is the first of the next file");
    logging::start({logging::Level::warn, {}});
    CHECK(fs::file_size(file) < 1000);
  }
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    ++files;
    CAPTURE(entry.path().filename());
    CHECK(entry.file_size() <= 5 * 1024 * 1024);
    CHECK((entry.status().permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
  }
  CHECK(files == 3);
}
