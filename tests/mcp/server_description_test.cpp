#include "clickflow/mcp/server_description.h"

#include <catch2/catch_test_macros.hpp>

using clickflow::mcp::ServerDescription;

TEST_CASE("What a server says in one era is said in the other") {
  const auto discovered = ServerDescription::of(
      R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},)"
      R"("instructions":"Be kind.","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}})");
  CHECK(
      discovered.initialize_result("2025-11-25", true) ==
      R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"s","version":"1"},"instructions":"Be kind."})");

  const auto initialized = ServerDescription::of(
      R"({"protocolVersion":"2025-11-25","capabilities":{"prompts":{}},"serverInfo":{"name":"s","version":"1"}})");
  CHECK(
      initialized.discover_result(5, true) ==
      R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"prompts":{}},"ttlMs":5,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}})");
}

TEST_CASE("A server that says little of itself is still described") {
  CHECK(
      ServerDescription::of("{}").initialize_result("2025-11-25", true) ==
      R"({"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"unknown","version":"0"}})");
  CHECK(
      ServerDescription::of(R"({"capabilities":[],"instructions":3})").discover_result(0, true) ==
      R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{},"ttlMs":0,"cacheScope":"private"})");
}

TEST_CASE("Tasks, which the eras have in two forms, are not promised across them") {
  const auto server = ServerDescription::of(
      R"({"capabilities":{"tasks":{"list":{}},"extensions":{"io.modelcontextprotocol/tasks":{},"a.b/c":{}}}})");
  CHECK(server.initialize_result("2025-11-25", true).find(R"("extensions":{"a.b/c":{}})") !=
        std::string::npos);
  CHECK(server.initialize_result("2025-11-25", false).find("io.modelcontextprotocol/tasks") !=
        std::string::npos);
  CHECK(server.discover_result(0, true).find(R"("tasks":{"list")") == std::string::npos);
  CHECK(server.discover_result(0, false).find(R"("tasks":{"list")") != std::string::npos);
}
