#pragma once

#include <string_view>

namespace clickflow::sandbox {

/// The style sheet of all pages.
extern const std::string_view style_sheet;

}  // namespace clickflow::sandbox
