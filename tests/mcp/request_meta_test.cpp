#include "clickflow/mcp/request_meta.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/mcp/revision.h"

using namespace clickflow::mcp;

namespace {

Message message(std::string text) {
  return *Message::parse(std::move(text));
}

}  // namespace

TEST_CASE("A modern request says in _meta what a handshake says once") {
  const auto request = message(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":7,)"
      R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"h"},)"
      R"("io.modelcontextprotocol/clientCapabilities":{"roots":{}},"io.modelcontextprotocol/logLevel":"info"}}})");
  const RequestMeta meta(request);
  CHECK(meta.revision == R"("2026-07-28")");
  CHECK(meta.client_info == R"({"name":"h"})");
  CHECK(meta.client_capabilities == R"({"roots":{}})");
  CHECK(meta.log_level == R"("info")");
  CHECK(meta.progress_token == "7");
  CHECK(era_of(request) == Era::modern);
}

TEST_CASE("A request is modern by its revision, or by a method that is modern only") {
  CHECK(era_of(message(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})")) == Era::legacy);
  CHECK(era_of(message(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})")) == Era::legacy);
  CHECK(era_of(message(
            R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"progressToken":1}}})")) ==
        Era::legacy);
  CHECK(era_of(message(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})")) == Era::modern);
  CHECK(era_of(message(R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}})")) ==
        Era::modern);
  CHECK(era_of(message(R"({"jsonrpc":"2.0","method":"server/discover"})")) == Era::legacy);
}

TEST_CASE("An entry of _meta is set and taken out, and the rest of the message stays") {
  const auto bare = message(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  const auto with = with_meta(bare, meta::log_level, "\"info\"");
  CHECK(
      with.text() ==
      R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/logLevel":"info"}}})");
  CHECK(with_meta(with, meta::log_level, "\"debug\"").text().find("\"debug\"") != std::string::npos);
  CHECK(with_meta(with, meta::log_level, "").text() ==
        R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})");
  CHECK(with_meta(bare, meta::log_level, "").text() == bare.text());

  const auto two = message(
      R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":1,"a/b":2},"c":3}})");
  CHECK(with_meta(two, meta::progress_token, "").text() ==
        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"a/b":2},"c":3}})");
}

TEST_CASE("Revisions are of an era, or not ours") {
  CHECK(era_of_revision("2026-07-28") == Era::modern);
  CHECK(era_of_revision("2025-11-25") == Era::legacy);
  CHECK(era_of_revision("2025-03-26") == Era::legacy);
  CHECK_FALSE(era_of_revision("2024-11-05"));
}

TEST_CASE("A request of our own is made in the manner of the host's") {
  const auto own = message(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  CHECK(in_manner_of(message(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{}})"), own).text() ==
        own.text());
  const auto said = in_manner_of(
      message(
          R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"_meta":{"progressToken":7,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})"),
      own);
  CHECK(
      said.text() ==
      R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})");
}
