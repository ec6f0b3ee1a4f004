#pragma once

#include <string>
#include <string_view>

/// Small changes to JSON text in place: what is not meant stays byte for byte. And small new texts.
namespace clickflow::mcp::json {

/// A new object, member by member. Values are JSON.
class ObjectText {
 public:
  ObjectText& add(std::string_view name, std::string_view value);
  /// Leaves out a member without a value.
  ObjectText& add_if_any(std::string_view name, std::string_view value);
  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

/// `object` with that member set to `value` (JSON): in its place where there is one, else as the last. What
/// is not an object is taken for an empty one.
std::string with_member(std::string_view object, std::string_view name, std::string_view value);

/// `object` without any member of that name. What is not an object comes back as it is.
std::string without_member(std::string_view object, std::string_view name);

}  // namespace clickflow::mcp::json
