#include "clickflow/bridge/catalog.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "clickflow/base/file.h"
#include "support/captured_descriptor.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using bridge::Catalog;
using bridge::ServerRecord;
using clickflow::testing::TemporaryFolder;
using mcp::List;
namespace fs = std::filesystem;

namespace {

const Catalog::Key key{"default", "https://api.example.com/mcp", "org_a", ""};
const TimePoint noon{std::chrono::seconds(1'800'000'000)};

ServerRecord record(const std::string& tool = "work") {
  ServerRecord made;
  made.era = mcp::Era::modern;
  made.revisions = {{"2025-11-25", "2025-06-18"}};
  made.descriptions[mcp::Era::legacy] = {
      {R"({ "tools":{"x":1.50} })", R"({"name":"s","version":"1"})", R"("Be \u0041 good.")"}, noon, 5};
  made.descriptions[mcp::Era::modern] = {{"{}", "", ""}, noon, 0};
  made.lists[List::tools] = {R"({ "tools" :[{"name":")" + tool + R"(","x":1.50}],"_meta":{}})", noon, 60000};
  made.lists[List::resource_templates] = {R"({"resourceTemplates":[]})", noon, 0};
  return made;
}

// The file that holds a record; the others are about who may write.
std::vector<fs::path> records(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent))
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  return found;
}

void keep(const fs::path& folder, const Catalog::Key& whose = key, const std::string& tool = "work") {
  Catalog catalog(folder, whose);
  catalog.load();
  catalog.store(record(tool));
}

std::string tools_of(const fs::path& folder, const Catalog::Key& whose = key) {
  const auto kept = Catalog(folder, whose).load();
  return kept ? kept->lists.at(List::tools).result : "";
}

}  // namespace

TEST_CASE("What was kept of a server comes back byte for byte") {
  const TemporaryFolder folder;
  keep(folder.path());
  const auto kept = Catalog(folder.path(), key).load();
  REQUIRE(kept);
  const auto expected = record();
  CHECK(kept->era == expected.era);
  CHECK(kept->revisions == expected.revisions);
  REQUIRE(kept->descriptions.size() == 2);
  const auto& description = kept->descriptions.at(mcp::Era::legacy);
  CHECK(description.server.capabilities == R"({ "tools":{"x":1.50} })");
  CHECK(description.server.info == R"({"name":"s","version":"1"})");
  CHECK(description.server.instructions == R"("Be \u0041 good.")");
  CHECK(description.received == noon);
  CHECK(description.ttl_ms == 5);
  CHECK(kept->descriptions.at(mcp::Era::modern).server.capabilities == "{}");
  REQUIRE(kept->lists.size() == 2);
  const auto& tools = kept->lists.at(List::tools);
  CHECK(tools.result == expected.lists.at(List::tools).result);
  CHECK(tools.received == noon);
  CHECK(tools.ttl_ms == 60000);
  CHECK(kept->lists.at(List::resource_templates).result == R"({"resourceTemplates":[]})");
}

TEST_CASE("Where nothing is kept, looking makes nothing") {
  const TemporaryFolder folder;
  CHECK_FALSE(Catalog(folder / "catalog", key).load());
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("Profile, endpoint, organization and account each have a catalog of their own") {
  const TemporaryFolder folder;
  auto other = key;
  const int part = GENERATE(0, 1, 2, 3);
  (part == 0   ? other.profile
   : part == 1 ? other.endpoint
   : part == 2 ? other.organization
               : other.account) += "x";
  keep(folder.path(), key, "ours");
  CHECK_FALSE(Catalog(folder.path(), other).load());
  keep(folder.path(), other, "theirs");
  CHECK(tools_of(folder.path()).find("ours") != std::string::npos);
  CHECK(tools_of(folder.path(), other).find("theirs") != std::string::npos);
}

TEST_CASE("What stands in two parts of the key is not taken for the same in one") {
  const TemporaryFolder folder;
  keep(folder.path(), {"p", "e", "ab", "c"});
  CHECK_FALSE(Catalog(folder.path(), {"p", "e", "a", "bc"}).load());
}

TEST_CASE("An account of a key says nothing of the key") {
  const std::string account = Catalog::account_of_key("cf_ak_0123456789abcdef");
  CHECK(account.size() == 16);
  CHECK(account != Catalog::account_of_key("cf_ak_0123456789abcdeg"));
  const TemporaryFolder folder;
  keep(folder.path(), {"secret-profile", "https://secret.example/", "secret-org", "secret-account"});
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    CHECK(entry.path().filename().string().find("secret") == std::string::npos);
    CHECK(read_file(entry.path())->find("secret") == std::string::npos);
  }
}

TEST_CASE("A catalog that can't be used is dropped, and the log says so") {
  struct Row {
    std::string text;
    std::string words;
  };
  const TemporaryFolder folder;
  keep(folder.path());
  const auto file = records(folder.path()).at(0);
  const std::string good = *read_file(file);
  auto with = [&](const std::string& part, const std::string& replacement) {
    auto text = good;
    REQUIRE(text.find(part) != std::string::npos);
    return text.replace(text.find(part), part.size(), replacement);
  };
  for (const Row& row : {
           Row{"", "damaged"},
           Row{"[]", "damaged"},
           Row{good.substr(0, good.size() / 2), "damaged"},
           Row{with(R"("version":1)", R"("version":2)"), "another version"},
           Row{with(R"("version":1,)", ""), "damaged"},
           Row{with(R"("modern":true)", R"("modern":"yes")"), "damaged"},
           Row{with(R"("received":)", R"("received":"x","was":)"), "damaged"},
           Row{with(R"("descriptions":{)", R"("descriptions":[{)"), "damaged"},
           Row{with(R"({ \"tools\":{\"x\":1.50} })", "{"), "damaged"},
           Row{with(R"({ \"tools\":{\"x\":1.50} })", ""), "damaged"},
           Row{with(R"({ \"tools\" :[)", R"({ \"tooled\" :[)"), "damaged"},
           Row{with(R"(\"_meta\":{})", R"(\"nextCursor\":\"a\")"), "damaged"},
           Row{good + std::string(17 * 1024 * 1024, ' '), "too large"},
       }) {
    CAPTURE(row.text.substr(0, 100), row.text.size());
    REQUIRE(write_file(file, row.text));
    testing::CapturedDescriptor log(2);
    CHECK_FALSE(Catalog(folder.path(), key).load());
    const std::string said = log.text();
    CHECK(said.find("warn") != std::string::npos);
    CHECK(said.find(row.words) != std::string::npos);
    CHECK_FALSE(fs::exists(file));
  }
}

TEST_CASE("What would be larger than what is read is not kept") {
  const TemporaryFolder folder;
  Catalog catalog(folder.path(), key);
  catalog.load();
  auto large = record();
  large.lists[List::tools].result = R"({"tools":[")" + std::string(16 * 1024 * 1024, 'x') + "\"]}";
  catalog.store(large);
  CHECK(records(folder.path()).empty());
}

TEST_CASE("A catalog that can't be written is no error") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "file", ""));
  Catalog catalog(folder / "file" / "catalog", key);
  CHECK_FALSE(catalog.load());
  catalog.store(record());
  catalog.forget();
  CHECK_FALSE(catalog.load());
}

TEST_CASE("Whoever reads while others write gets one whole record or the other") {
  const TemporaryFolder folder;
  keep(folder.path(), key, "a");
  std::atomic<bool> done = false;
  auto write = [&](char name) {
    for (int i = 0; i < 20; ++i) keep(folder.path(), key, std::string(50'000, name));
  };
  std::thread one(write, 'a'), other(write, 'b');
  std::thread reader([&] {
    while (!done) {
      const auto text = tools_of(folder.path());
      CHECK(!text.empty());
      CHECK((text.find('b') == std::string::npos || text.find("aa") == std::string::npos));
    }
  });
  one.join();
  other.join();
  done = true;
  reader.join();
}

TEST_CASE("To forget a profile removes what is kept for any of its keys, and nothing of another's") {
  const TemporaryFolder folder;
  auto elsewhere = key;
  elsewhere.endpoint = "https://other.example/";
  auto other = key;
  other.profile = "other";
  for (const auto& each : {key, elsewhere, other}) keep(folder.path(), each);
  REQUIRE(records(folder.path()).size() == 3);
  Catalog::forget_profile(folder.path(), "default");
  CHECK_FALSE(Catalog(folder.path(), key).load());
  CHECK_FALSE(Catalog(folder.path(), elsewhere).load());
  CHECK(Catalog(folder.path(), other).load());
  CHECK(records(folder.path()).size() == 1);
}

TEST_CASE("A process that began before the sign-in changed can't bring back what it knew") {
  const TemporaryFolder folder;
  Catalog before(folder.path(), key);
  before.load();
  before.store(record());
  Catalog::forget_profile(folder.path(), "default");
  before.store(record());
  CHECK(records(folder.path()).empty());

  SECTION("but one that begins afterwards keeps what it learns") {
    keep(folder.path());
    CHECK(records(folder.path()).size() == 1);
  }
  SECTION("and so does the one that has changed it") {
    before.forget();
    before.store(record());
    CHECK(records(folder.path()).size() == 1);
  }
}
