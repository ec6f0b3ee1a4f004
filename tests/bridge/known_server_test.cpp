#include "clickflow/bridge/known_server.h"

#include <catch2/catch_test_macros.hpp>

#include "support/fake_clock.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using bridge::Catalog;
using bridge::KnownServer;
using clickflow::testing::FakeClock;
using clickflow::testing::TemporaryFolder;
using mcp::Era;
using mcp::List;

namespace {

const std::string tools = R"({"tools":[{"name":"a"}]})";

struct Process {
  explicit Process(const TemporaryFolder& folder)
      : known(std::make_unique<Catalog>(folder.path(), Catalog::Key{"p", "e", "o", "a"}), clock) {}
  void learn(const std::string& result = tools, Era host = Era::legacy) {
    known.learn(List::tools, host, result, known.stamp(List::tools));
  }
  void describe(Era host, Era server, const std::string& result) {
    known.learn(host, server, result, known.edition());
  }
  FakeClock clock;
  KnownServer known;
};

}  // namespace

TEST_CASE("What one process has learnt, the next one knows, and has not heard") {
  const TemporaryFolder folder;
  {
    Process first(folder);
    CHECK_FALSE(first.known.era());
    first.learn();
    first.describe(Era::legacy, Era::modern, R"({"capabilities":{"tools":{}},"ttlMs":5})");
    first.known.learn_revision("2025-11-25", "2025-06-18", 0);
    CHECK(first.known.description(Era::legacy)->heard);
    CHECK(first.known.has_heard(List::tools));
    first.known.save();
  }
  const Process second(folder);
  CHECK(second.known.era() == Era::modern);
  CHECK(second.known.list(List::tools) == tools);
  CHECK_FALSE(second.known.has_heard(List::tools));
  CHECK_FALSE(second.known.list(List::prompts));
  const auto description = second.known.description(Era::legacy);
  REQUIRE(description);
  CHECK(description->server.capabilities == R"({"tools":{}})");
  CHECK_FALSE(description->heard);
  CHECK(second.known.revision_for("2025-11-25") == "2025-06-18");
  CHECK(second.known.revision_for("2025-03-26").empty());
}

TEST_CASE(
    "A server that does not say what it has is not described, and is not taken for one that has nothing") {
  const TemporaryFolder folder;
  Process process(folder);
  for (const char* odd : {"{}", "5", R"({"capabilities":[]})", R"({"serverInfo":{"name":"a"}})"}) {
    CAPTURE(odd);
    process.describe(Era::legacy, Era::modern, odd);
    CHECK_FALSE(process.known.description(Era::legacy));
    CHECK(process.known.era() == Era::modern);
  }
  process.describe(Era::legacy, Era::modern, R"({"capabilities":{"tools":{}}})");
  process.describe(Era::legacy, Era::modern, "{}");
  CHECK(process.known.description(Era::legacy)->server.capabilities == R"({"tools":{}})");
}

TEST_CASE("What is not saved is not kept, nor is what nobody has learnt anything new of") {
  const TemporaryFolder folder;
  {
    Process first(folder);
    first.learn();
  }
  CHECK_FALSE(Process(folder).known.list(List::tools));
  {
    Process second(folder);
    second.known.save();
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("A description is for hosts of the era that it was given to, and translated for others") {
  const TemporaryFolder folder;
  Process process(folder);
  process.describe(Era::legacy, Era::legacy, R"({"capabilities":{"a":{}}})");
  CHECK_FALSE(process.known.description(Era::legacy)->translated);
  CHECK(process.known.description(Era::modern)->translated);
  process.describe(Era::modern, Era::legacy, R"({"capabilities":{"b":{}}})");
  CHECK(process.known.description(Era::legacy)->server.capabilities == R"({"a":{}})");
  CHECK(process.known.description(Era::modern)->server.capabilities == R"({"b":{}})");
  // Another server, in another era, was described in neither.
  process.describe(Era::modern, Era::modern, R"({"capabilities":{"c":{}}})");
  CHECK(process.known.description(Era::legacy)->server.capabilities == R"({"c":{}})");
}

TEST_CASE("A list is fresh for as long as the server says, for hosts of that era") {
  const TemporaryFolder folder;
  Process process(folder);
  process.learn(R"({"tools":[],"ttlMs":5000})", Era::modern);
  CHECK(process.known.fresh(List::tools, Era::modern)->rest_ms == 5000);
  CHECK_FALSE(process.known.fresh(List::tools, Era::legacy));
  process.clock.pass(std::chrono::seconds(4));
  CHECK(process.known.fresh(List::tools, Era::modern)->rest_ms == 1000);
  process.clock.pass(std::chrono::seconds(1));
  CHECK_FALSE(process.known.fresh(List::tools, Era::modern));
  process.learn(R"({"tools":[],"ttlMs":5000})", Era::modern);
  process.clock.pass(std::chrono::seconds(-1));  // set back
  CHECK_FALSE(process.known.fresh(List::tools, Era::modern));
}

TEST_CASE("A freshness that is no number, or none that can be, counts for nothing") {
  const TemporaryFolder folder;
  Process process(folder);
  for (const char* ttl : {"0", "-5", "\"5000\"", "null", "{}"}) {
    CAPTURE(ttl);
    process.learn(R"({"tools":[],"ttlMs":)" + std::string(ttl) + "}");
    CHECK_FALSE(process.known.fresh(List::tools, Era::legacy));
  }
  process.learn(R"({"tools":[],"ttlMs":99999999999999999999999})");
  CHECK(process.known.fresh(List::tools, Era::legacy)->rest_ms == 24 * 60 * 60 * 1000);
}

TEST_CASE("An answer that was overtaken by a change counts for nothing") {
  const TemporaryFolder folder;
  Process process(folder);
  const auto before = process.known.stamp(List::tools);
  process.known.changed(List::tools);
  process.known.learn(List::tools, Era::legacy, tools, before);
  CHECK_FALSE(process.known.list(List::tools));
  process.learn();
  CHECK(process.known.has_heard(List::tools));
  process.known.changed(List::prompts);
  CHECK(process.known.has_heard(List::tools));
  process.known.changed(List::tools);
  CHECK_FALSE(process.known.has_heard(List::tools));
  CHECK(process.known.list(List::tools) == tools);  // better than nothing
}

TEST_CASE("What was learnt under another sign-in is forgotten, and what is still under way is not learnt") {
  const TemporaryFolder folder;
  Process process(folder);
  process.learn();
  process.describe(Era::legacy, Era::modern, R"({"capabilities":{}})");
  CHECK(process.known.description(Era::legacy));
  process.known.save();
  const auto before = process.known.stamp(List::tools);
  const auto edition = process.known.edition();
  process.known.forget();
  CHECK_FALSE(process.known.list(List::tools));
  CHECK_FALSE(process.known.description(Era::legacy));
  CHECK(process.known.era() == Era::modern);  // is the server's, whoever asks it
  CHECK_FALSE(Process(folder).known.list(List::tools));
  process.known.learn(List::tools, Era::legacy, tools, before);
  process.known.learn(Era::legacy, Era::modern, R"({"capabilities":{}})", edition);
  process.known.learn_revision("a", "b", edition);
  CHECK_FALSE(process.known.list(List::tools));
  CHECK_FALSE(process.known.description(Era::legacy));
  CHECK(process.known.revision_for("a").empty());

  process.learn(R"({"tools":[{"name":"theirs"}]})");
  process.known.save();
  CHECK(Process(folder).known.list(List::tools) == R"({"tools":[{"name":"theirs"}]})");
  CHECK(Process(folder).known.era() == Era::modern);
}

TEST_CASE("Without a catalog, what is known ends with the process") {
  const FakeClock clock;
  KnownServer known(nullptr, clock);
  known.learn(List::tools, Era::legacy, tools, known.stamp(List::tools));
  known.save();
  CHECK(known.list(List::tools) == tools);
  known.forget();
  CHECK_FALSE(known.list(List::tools));
}
