#include "clickflow/sandbox/mcp/request_rules.h"

#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

constexpr int mismatch = -32020;

/// What a request with these changes is answered with, which has to be a 400.
int refused(ModernDesk& desk, const Json& message, const Headers& changed = {}) {
  const Reply reply = desk.post(message, changed);
  CHECK(reply.status == 400);
  CHECK(json_of(reply).at("id") == message.at("id"));
  return error_code(reply);
}

Json without(Json message, const char* entry) {
  message["params"]["_meta"].erase(entry);
  return message;
}

Json with(Json message, const char* entry, Json value) {
  message["params"]["_meta"][entry] = std::move(value);
  return message;
}

const Json list = ModernDesk::request("tools/list");

}  // namespace

TEST_CASE("MCP-Protocol-Version must be there and say what _meta says") {
  ModernDesk desk;
  CHECK(refused(desk, list, {{"mcp-protocol-version", ""}}) == mismatch);
  CHECK(refused(desk, list, {{"mcp-protocol-version", "2025-11-25"}}) == mismatch);
  CHECK(refused(desk, list, {{"mcp-protocol-version", "2099-01-01"}}) == mismatch);
  CHECK(refused(desk, with(list, meta_version, "2025-11-25")) == mismatch);
  CHECK(refused(desk, with(list, meta_version, "2099-01-01")) == mismatch);
}

TEST_CASE("A revision that nobody speaks is answered with those that are spoken") {
  ModernDesk desk;
  const Reply reply =
      desk.post(with(list, meta_version, "2099-01-01"), {{"mcp-protocol-version", "2099-01-01"}});
  CHECK(reply.status == 400);
  const Json error = json_of(reply).at("error");
  CHECK(error.at("code") == -32022);
  CHECK(error.at("data") ==
        parse_json(R"({"supported": ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"],
                                            "requested": "2099-01-01"})"));
  CHECK(refused(desk, without(list, meta_version), {{"mcp-protocol-version", "2099-01-01"}}) == -32022);
}

TEST_CASE("_meta must have the revision and the client's capabilities, and need not have its name") {
  ModernDesk desk;
  Json bare = list;
  bare["params"].erase("_meta");
  CHECK(refused(desk, bare) == -32602);
  bare.erase("params");
  CHECK(refused(desk, bare) == -32602);
  CHECK(refused(desk, without(list, meta_version)) == -32602);
  CHECK(refused(desk, without(list, meta_capabilities)) == -32602);
  CHECK(refused(desk, with(list, meta_version, 20260728)) == -32602);
  CHECK(refused(desk, with(list, meta_capabilities, Json::array())) == -32602);
  CHECK(refused(desk, with(list, "io.modelcontextprotocol/clientInfo", "test")) == -32602);
  CHECK(desk.post(without(list, "io.modelcontextprotocol/clientInfo")).status == 200);
}

TEST_CASE("Mcp-Method must be there and say the method, letter for letter") {
  ModernDesk desk;
  CHECK(refused(desk, list, {{"mcp-method", ""}}) == mismatch);
  CHECK(refused(desk, list, {{"mcp-method", "tools/call"}}) == mismatch);
  CHECK(refused(desk, list, {{"mcp-method", "Tools/List"}}) == mismatch);
  CHECK(refused(desk, list, {{"mcp-method", "=?base64?dG9vbHMvbGlzdA==?="}}) == mismatch);
}

TEST_CASE("Mcp-Name must be there for a call and say the tool's name, as it is or encoded") {
  ModernDesk desk;
  const Json call = ModernDesk::call("platform.list_organizations");
  CHECK(refused(desk, call, {{"mcp-name", ""}}) == mismatch);
  CHECK(refused(desk, call, {{"mcp-name", "platform.list_roadmap_items"}}) == mismatch);
  CHECK(refused(desk, call, {{"mcp-name", "Platform.list_organizations"}}) == mismatch);
  CHECK(refused(desk, call, {{"mcp-name", "=?base64?cGxhdGZvcm0?="}}) == mismatch);
  CHECK(desk.post(call, {{"mcp-name", "=?base64?cGxhdGZvcm0ubGlzdF9vcmdhbml6YXRpb25z?="}}).status == 200);
  CHECK(refused(desk, ModernDesk::call("世界"), {{"mcp-name", "世界"}}) == mismatch);
  CHECK(desk.post(ModernDesk::call("世界"), {{"mcp-name", "=?base64?5LiW55WM?="}}).status ==
        200);  // no such tool
  CHECK(refused(desk, ModernDesk::request("tools/call"), {{"mcp-name", "platform.list_organizations"}}) ==
        mismatch);
}

TEST_CASE("Mcp-Name repeats the address of a resource and the name of a prompt") {
  ModernDesk desk;
  const Json read = ModernDesk::request("resources/read", {{"uri", "file:///a"}});
  CHECK(refused(desk, read, {{"mcp-name", "file:///b"}}) == mismatch);
  CHECK(refused(desk, read, {{"mcp-name", ""}}) == mismatch);
  CHECK(desk.post(read, {{"mcp-name", "file:///a"}}).status == 404);  // there are no resources
  CHECK(refused(desk, ModernDesk::request("prompts/get", {{"name", "a"}}), {{"mcp-name", "b"}}) == mismatch);
  CHECK(desk.post(list, {{"mcp-name", "whatever"}}).status == 200);
}

TEST_CASE("An argument that has a header of its own must be repeated there") {
  ModernDesk desk;
  const Json call = ModernDesk::call("platform.switch_organization", {{"organization_id", "org_xyz789"}});
  const auto status = [&](const char* header) {
    const Reply reply = desk.post(call, {{"mcp-param-organization", header}});
    if (reply.status == 400) CHECK(error_code(reply) == mismatch);
    return reply.status;
  };
  CHECK(status("") == 400);
  CHECK(status("org_abc123") == 400);
  CHECK(status("=?base64?b3Jn?=") == 400);
  const Json tools = desk.result(list).at("tools");
  CHECK(tools.size() == 7);  // what was refused has switched nothing
  CHECK(status("=?base64?b3JnX3h5ejc4OQ==?=") == 200);
  CHECK(status("org_xyz789") == 200);
  CHECK(refused(desk, ModernDesk::call("platform.switch_organization"),
                {{"mcp-param-organization", "org_xyz789"}}) == mismatch);
  const Reply missing = desk.post(ModernDesk::call("platform.switch_organization"));
  CHECK(json_of(missing).at("result").at("isError") == true);
}

TEST_CASE("The first of several broken rules is told, the revision before all") {
  ModernDesk desk;
  Json bare = list;
  bare["params"].erase("_meta");
  CHECK(refused(desk, bare, {{"mcp-method", ""}}) == -32602);
  CHECK(refused(desk, with(list, meta_version, "2099-01-01"),
                {{"mcp-protocol-version", "2099-01-01"}, {"mcp-method", ""}}) == -32022);
  CHECK(refused(desk, ModernDesk::request("nonsense"), {{"mcp-method", "tools/list"}}) == mismatch);
}
