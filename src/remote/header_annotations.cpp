#include "header_annotations.h"

#include <algorithm>
#include <array>
#include <optional>

#include "clickflow/mcp/json.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

template <size_t size>
bool is_one_of(std::string_view key, const std::array<std::string_view, size>& names) {
  return std::any_of(names.begin(), names.end(), [&](auto name) { return json::says(key, name); });
}

// Where a schema (2020-12, and what older drafts called it) holds others: one of them or a list, or some by
// name. What else is an object in a schema is data, in which "x-mcp-header" means nothing.
bool holds_schemas(std::string_view key) {
  return is_one_of<17>(key, {"items", "prefixItems", "additionalItems", "contains", "additionalProperties",
                             "unevaluatedProperties", "unevaluatedItems", "propertyNames", "oneOf", "anyOf",
                             "allOf", "not", "if", "then", "else", "contentSchema", "extends"});
}
bool names_schemas(std::string_view key) {
  return is_one_of<5>(key, {"patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"});
}

// Of one name, or of several where no more than null comes to the primitive ones.
bool is_primitive(std::string_view type) {
  const std::array<std::string_view, 3> primitive{"string", "integer", "boolean"};
  if (json::is_string(type)) return is_one_of(type, primitive);
  bool some = false;
  json::Elements names(type);
  while (const auto name = names.next()) {
    if (!json::is_string(*name)) return false;
    const bool fits = is_one_of(*name, primitive);
    if (!fits && !json::says(*name, "null")) return false;
    some = some || fits;
  }
  return some;
}

class Reader {
 public:
  // False where something is wrong, which `problem` says then.
  bool read(std::string_view schema, bool reachable) {
    std::string_view type;
    std::optional<std::string_view> annotation;
    json::Members members(schema);
    while (const auto member = members.next()) {
      if (json::says(member->key, "type")) type = member->value;
      if (json::says(member->key, "x-mcp-header")) annotation = member->value;
      if (!read_within(*member, reachable)) return false;
    }
    return !annotation || take(*annotation, type, reachable);
  }

  std::vector<ParameterHeader> found;
  std::string problem;

 private:
  bool read_within(const json::Members::Member& member, bool reachable) {
    if (json::says(member.key, "properties")) {
      json::Members properties(member.value);
      while (const auto property = properties.next()) {
        path_.push_back(json::decode(property->key));
        if (!read(property->value, reachable)) return false;
        path_.pop_back();
      }
    } else if (names_schemas(member.key)) {
      json::Members named(member.value);
      while (const auto schema = named.next())
        if (!read(schema->value, false)) return false;
    } else if (holds_schemas(member.key)) {
      if (json::is_object(member.value)) return read(member.value, false);
      json::Elements list(member.value);
      while (const auto schema = list.next())
        if (!read(*schema, false)) return false;
    }
    return true;
  }

  bool take(std::string_view annotation, std::string_view type, bool reachable) {
    auto refuse = [&](std::string why) {
      problem = std::move(why);
      return false;
    };
    if (!reachable || path_.empty())
      return refuse("an x-mcp-header stands where no property's value is certain");
    const std::string at = "the x-mcp-header of \"" + path_.back() + "\" ";
    if (!json::is_string(annotation)) return refuse(at + "is no string");
    const std::string name = json::decode(annotation);
    if (!http::is_valid_name(name)) return refuse(at + "can't be in a header's name");
    if (!is_primitive(type))
      return refuse(at + "is on something else than a string, an integer or a boolean");
    auto same = [&](const auto& other) { return http::equal_without_case(other.name, name); };
    if (std::any_of(found.begin(), found.end(), same)) return refuse(at + "is another parameter's as well");
    found.push_back({name, path_});
    return true;
  }

  std::vector<std::string> path_;
};

}  // namespace

tl::expected<std::vector<ParameterHeader>, std::string> annotated_parameters(std::string_view input_schema) {
  Reader reader;
  if (!reader.read(input_schema, true)) return tl::make_unexpected(std::move(reader.problem));
  return std::move(reader.found);
}

}  // namespace clickflow::remote
