#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/base/json.h"

/// Members of documents that others wrote: one that is absent, or of another type, is nothing. So is each of
/// a document that is no object, or no JSON.
namespace clickflow::auth {

std::optional<std::string> text_field(const Json& object, const char* name);
bool true_field(const Json& object, const char* name);

/// The strings of an array; what else is in it is passed over.
std::optional<std::vector<std::string>> list_field(const Json& object, const char* name);

/// A whole number, which some servers write as a string.
std::optional<int64_t> number_field(const Json& object, const char* name);

}  // namespace clickflow::auth
