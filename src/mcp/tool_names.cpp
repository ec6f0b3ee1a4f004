#include "clickflow/mcp/tool_names.h"

#include <openssl/sha.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace clickflow::mcp {
namespace {

constexpr size_t longest = 64;
constexpr size_t digits = 8;

bool is_safe_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

std::string plain_form(std::string_view name) {
  std::string result(name);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return !is_safe_char(c); }, '_');
  return result.empty() ? "_" : result;
}

std::string distinct_form(const std::string& name) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), hash);
  std::string result = plain_form(name).substr(0, longest - digits - 1) + "_";
  for (size_t i = 0; i < digits / 2; ++i) result += fmt::format("{:02x}", hash[i]);
  return result;
}

}  // namespace

bool is_safe_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), is_safe_char);
}

ToolNames::ToolNames(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::map<std::string, int> wanted;
  for (const auto& name : names) ++wanted[plain_form(name)];
  // Safe names first: they stay whatever comes, even where one looks like a form of ours.
  for (const auto& name : names) {
    if (is_safe_tool_name(name)) real_[name] = name;
  }
  for (const auto& name : names) {
    if (is_safe_tool_name(name)) continue;
    std::string form = plain_form(name);
    if (form.size() > longest || wanted[form] > 1) form = distinct_form(name);
    for (std::string salted = name; real_.contains(form); form = distinct_form(salted)) salted += '.';
    real_[form] = name;
  }
  for (const auto& [shown, name] : real_) shown_[name] = shown;
}

std::string ToolNames::shown(const std::string& name) const {
  const auto found = shown_.find(name);
  return found == shown_.end() ? name : found->second;
}

std::string ToolNames::real(const std::string& name) const {
  const auto found = real_.find(name);
  return found == real_.end() ? name : found->second;
}

}  // namespace clickflow::mcp
