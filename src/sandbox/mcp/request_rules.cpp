#include "clickflow/sandbox/mcp/request_rules.h"

#include <nlohmann/json.hpp>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/mcp/header_values.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* version_header = "mcp-protocol-version";
constexpr const char* method_header = "mcp-method";
constexpr const char* name_header = "mcp-name";

// Nothing where it is no string.
std::optional<std::string> text_of(std::string_view json) {
  return mcp::json::is_string(json) ? std::optional(mcp::json::decode(json)) : std::nullopt;
}

BrokenRule mismatch(std::string what) {
  return {mcp::header_mismatch, std::move(what)};
}

std::optional<BrokenRule> broken_version_rule(const Request& request, const mcp::Message& message,
                                              const std::vector<std::string_view>& spoken) {
  const std::string& header = request.header(version_header);
  const auto revision = text_of(mcp::RequestMeta(message).revision);
  if (header.empty()) {
    // A legacy client can't know the header, and shows its person what it is told here.
    const auto wanted =
        message.method() == "initialize" ? text_of(message.param("protocolVersion")) : std::nullopt;
    if (wanted && !revision) return unsupported_revision(*wanted, spoken);
    return mismatch(header_missing("MCP-Protocol-Version"));
  }
  if (revision && *revision != header)
    return mismatch(header_mismatch("MCP-Protocol-Version", header, *revision));
  if (mcp::era_of_revision(header) != mcp::Era::modern) return unsupported_revision(header, spoken);
  return std::nullopt;
}

std::optional<BrokenRule> broken_meta_rule(const mcp::Message& message) {
  const mcp::RequestMeta meta(message);
  const auto must_be = [](std::string_view key, const char* what) {
    return BrokenRule{mcp::invalid_params,
                      "Invalid params: _meta must have \"" + std::string(key) + "\", " + what};
  };
  if (!mcp::json::is_string(meta.revision)) return must_be(mcp::meta::revision, "a string");
  if (!mcp::json::is_object(meta.client_capabilities)) {
    return must_be(mcp::meta::client_capabilities, "an object");
  }
  if (!meta.client_info.empty() && !mcp::json::is_object(meta.client_info)) {
    return BrokenRule{mcp::invalid_params, "Invalid params: \"" + std::string(mcp::meta::client_info) +
                                               "\" in _meta must be an object"};
  }
  return std::nullopt;
}

// What Mcp-Name repeats; nothing for a method that has no name.
std::optional<std::string_view> name_in(const mcp::Message& message) {
  if (message.method() == "tools/call" || message.method() == "prompts/get") return message.param("name");
  if (message.method() == "resources/read") return message.param("uri");
  return std::nullopt;
}

std::optional<BrokenRule> broken_header_rule(const Request& request, const mcp::Message& message) {
  const std::string& method = request.header(method_header);
  if (method.empty()) return mismatch(header_missing("Mcp-Method"));
  if (method != message.method()) return mismatch(header_mismatch("Mcp-Method", method, message.method()));
  const auto named = name_in(message);
  if (!named) return std::nullopt;
  const std::string& header = request.header(name_header);
  const auto name = text_of(*named);
  if (!name && header.empty()) return std::nullopt;  // the method itself will miss it
  if (header.empty()) return mismatch(header_missing("Mcp-Name"));
  if (!name || decode_header_value(header) != *name) {
    return mismatch(header_mismatch("Mcp-Name", header, name.value_or("")));
  }
  return std::nullopt;
}

}  // namespace

std::optional<BrokenRule> broken_rule(const Request& request, const mcp::Message& message,
                                      const std::vector<std::string_view>& spoken) {
  if (auto broken = broken_version_rule(request, message, spoken)) return broken;
  if (auto broken = broken_meta_rule(message)) return broken;
  return broken_header_rule(request, message);
}

BrokenRule unsupported_revision(std::string_view wanted, const std::vector<std::string_view>& spoken) {
  return {mcp::unsupported_revision, "Unsupported protocol version",
          to_text({{"supported", spoken}, {"requested", wanted}})};
}

}  // namespace clickflow::sandbox
