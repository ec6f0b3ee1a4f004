#include "clickflow/remote/era_probe.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/remote_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using mcp::Era;

namespace {

constexpr auto client_meta = R"({"io.modelcontextprotocol/clientInfo":{"name":"host"}})";

struct ProbeRig {
  explicit ProbeRig(Played the_played) : played(std::move(the_played)) {}

  Result<remote::RemoteEra> probe(http::Limits limits = {}) {
    return remote::probe_era(authorized, {endpoint, {{"X-Organization-Id", "org_abc"}}, limits, 1024 * 1024},
                             client_meta, occasion);
  }

  Played played;
  auth::Occasion occasion;
  ScriptedClient http{[this](const auto&, const auto&) { return played; }};
  ScriptedTokens tokens{{"token"}};
  remote::AuthorizedClient authorized{http, tokens, endpoint};
};

Result<remote::RemoteEra> probe(Played played) {
  return ProbeRig(std::move(played)).probe();
}

Played under(int status, const std::string& body) {
  return {status, {{"Content-Type", "application/json"}}, {body}, {}};
}

std::string error_body(int code, const std::string& data = {}) {
  return mcp::make_error("\"clickflow-mcp/probe\"", static_cast<mcp::ErrorNumber>(code), "m", data);
}
std::string result_body(const std::string& result) {
  return mcp::make_result("\"clickflow-mcp/probe\"", result);
}
std::string supporting(const std::string& revisions) {
  return R"({"supported":[)" + revisions + R"(],"requested":"2026-07-28"})";
}

}  // namespace

TEST_CASE("A probe asks as modern revisions have it, and says who the client is") {
  ProbeRig rig(under(200, result_body(R"({"supportedVersions":["2026-07-28"]})")));
  REQUIRE(rig.probe());
  REQUIRE(rig.http.requests().size() == 1);
  const auto sent = rig.http.requests()[0];
  CHECK(sent.method == "POST");
  CHECK(sent.url.to_string() == endpoint.to_string());
  CHECK(header(sent, "Accept") == "application/json, text/event-stream");
  CHECK(header(sent, "MCP-Protocol-Version") == "2026-07-28");
  CHECK(header(sent, "Mcp-Method") == "server/discover");
  CHECK(header(sent, "X-Organization-Id") == "org_abc");
  CHECK(header(sent, "Authorization") == "Bearer token");
  CHECK(message(sent.body).method() == "server/discover");
  CHECK(message(sent.body).param("_meta") == R"({"io.modelcontextprotocol/clientInfo":{"name":"host"},)"
                                             R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                                             R"("io.modelcontextprotocol/clientCapabilities":{}})");
}

TEST_CASE("A probe has a limit of its own, within those that are set") {
  ProbeRig rig(under(200, result_body(R"({"supportedVersions":["2026-07-28"]})")));
  REQUIRE(rig.probe());
  http::Limits shorter;
  shorter.first_byte = 2s;
  shorter.whole = 3s;
  REQUIRE(rig.probe(shorter));
  const auto requests = rig.http.requests();
  CHECK(requests[0].limits.whole == remote::probe_limit);
  CHECK(requests[0].limits.first_byte == remote::probe_limit);
  CHECK(requests[0].limits.silence == remote::probe_limit);
  CHECK(requests[1].limits.whole == 3s);
  CHECK(requests[1].limits.first_byte == 2s);
}

TEST_CASE("A server that says what it supports is modern, and what it said is kept") {
  const std::string result = R"({"resultType":"complete","supportedVersions":["2027-01-01","2026-07-28"]})";
  const auto era =
      probe(GENERATE_COPY(Played::json(result_body(result)), Played::stream({sse_event(result_body(result))}),
                          Played::json(result_body(result)).with("Content-Type", "application/json; a=b")));
  REQUIRE(era);
  CHECK(era->era == Era::modern);
  CHECK(era->revision == "2026-07-28");
  CHECK(era->discovery == result);
}

TEST_CASE("A server that answers in this revision and lists none speaks it") {
  const auto era = probe(Played::json(result_body(R"({"supportedVersions":[]})")));
  REQUIRE(era);
  CHECK(era->era == Era::modern);
  CHECK(era->revision == "2026-07-28");
}

TEST_CASE("A server that refuses the revision is spoken to in the newest that both know") {
  struct Row {
    const char* supported;
    Era era;
    const char* revision;
  };
  const auto row = GENERATE(Row{R"("2027-01-01","2026-07-28","2025-11-25")", Era::modern, "2026-07-28"},
                            Row{R"("2025-03-26","2025-11-25","2027-01-01")", Era::legacy, "2025-11-25"},
                            Row{R"(7,"2025-03-26")", Era::legacy, "2025-03-26"});
  const int status = GENERATE(400, 200, 500, 404);
  CAPTURE(row.supported, status);
  const auto era = probe(under(status, error_body(-32022, supporting(row.supported))));
  REQUIRE(era);
  CHECK(era->era == row.era);
  CHECK(era->revision == row.revision);
  CHECK(era->discovery.empty());
}

TEST_CASE("A list of what is supported decides in a good answer as well") {
  const auto legacy = probe(Played::json(result_body(R"({"supportedVersions":["2025-06-18"]})")));
  REQUIRE(legacy);
  CHECK(legacy->era == Era::legacy);
  CHECK(legacy->revision == "2025-06-18");
  CHECK(legacy->discovery.empty());
}

TEST_CASE("Where no revision is common the server's own are told") {
  const auto played =
      GENERATE(under(400, error_body(-32022, supporting(R"("2027-01-01","2028-01-01")"))),
               Played::json(result_body(R"({"supportedVersions":["2027-01-01","2028-01-01"]})")));
  const auto era = probe(played);
  REQUIRE_FALSE(era);
  CHECK(era.error().code == ErrorCode::rejected);
  CHECK(era.error().what ==
        "The server speaks MCP only in revisions that are not known here: 2027-01-01, 2028-01-01.");
}

TEST_CASE("An error that only modern servers give shows one") {
  const auto played = GENERATE(under(400, error_body(-32020)), under(400, error_body(-32021)),
                               under(200, error_body(-32020)), under(404, error_body(-32601)),
                               under(404, R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"m"}})"));
  const auto era = probe(played);
  REQUIRE(era);
  CHECK(era->era == Era::modern);
  CHECK(era->revision == "2026-07-28");
  CHECK(era->discovery.empty());
}

TEST_CASE("Any other answer or refusal is a legacy server's") {
  const auto played = GENERATE(
      under(200, error_body(-32601)), under(200, error_body(-32602)), under(200, result_body("{}")),
      under(200, result_body(R"({"supportedVersions":"2026-07-28"})")), under(400, error_body(-32000)),
      under(400, error_body(-32601)), under(400, error_body(-32022)),
      under(400, error_body(-32022, R"({"supported":"2025-11-25"})")), under(404, error_body(-32000)),
      under(404, ""), under(405, ""), under(406, "no"), under(400, "Bad Request: no session"),
      under(422, "{}"), Played{200, {{"Content-Type", "text/html"}}, {"<html>"}, {}}, Played::nothing(202),
      Played::json("nonsense"), Played::json(std::string(2'000'000, ' ')),
      Played::stream({sse_event(notification_text("notifications/message"))}), Played::stream({}));
  const auto era = probe(played);
  REQUIRE(era);
  CHECK(era->era == Era::legacy);
  CHECK(era->revision.empty());
  CHECK(era->discovery.empty());
}

TEST_CASE("A server that refuses the client has not shown how it speaks") {
  const auto refused = probe(Played::nothing(401));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "Nobody knows you.");
  const auto scope =
      probe(Played::nothing(403).with("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
  REQUIRE_FALSE(scope);
  CHECK(scope.error().what == "Nobody knows you.");
  for (const char* body : {"", R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Origin"}})"}) {
    const auto forbidden = probe(under(403, body));
    REQUIRE_FALSE(forbidden);
    CHECK(forbidden.error().code == ErrorCode::forbidden);
  }
}

TEST_CASE("A server that is in trouble has not shown how it speaks") {
  struct Row {
    Played played;
    ErrorCode code;
  };
  const auto row =
      GENERATE(Row{under(500, ""), ErrorCode::lost}, Row{under(500, error_body(-32601)), ErrorCode::lost},
               Row{under(503, "{}"), ErrorCode::busy}, Row{under(429, ""), ErrorCode::busy},
               Row{under(408, ""), ErrorCode::rejected}, Row{under(302, ""), ErrorCode::rejected},
               Row{Played::broken(ErrorCode::unreachable), ErrorCode::unreachable},
               Row{Played::broken(ErrorCode::timed_out), ErrorCode::timed_out},
               Row{Played::broken(ErrorCode::lost), ErrorCode::lost},
               Row{Played::stream({sse_event("nonsense")}).then(ErrorCode::lost), ErrorCode::lost});
  const auto era = probe(row.played);
  REQUIRE_FALSE(era);
  CHECK(era.error().code == row.code);
}

TEST_CASE("A probe that is cancelled fails so") {
  ProbeRig rig(Played::json("{}"));
  rig.occasion.cancellation.cancel();
  const auto era = rig.probe();
  REQUIRE_FALSE(era);
  CHECK(era.error().code == ErrorCode::cancelled);
}

TEST_CASE("An error in answer to initialize may show that the server is modern after all") {
  struct Row {
    std::string body;
    bool modern;
  };
  const auto row =
      GENERATE(Row{error_body(-32601), true}, Row{error_body(-32602), true},
               Row{error_body(-32022, supporting(R"("2026-07-28")")), true},
               Row{error_body(-32022, supporting(R"("2025-11-25")")), false}, Row{error_body(-32022), false},
               Row{error_body(-32603), false}, Row{error_body(-32000), false}, Row{result_body("{}"), false});
  CAPTURE(row.body);
  CHECK(remote::says_modern_only(message(row.body)) == row.modern);
}
