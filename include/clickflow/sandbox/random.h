#pragma once

#include <cstddef>
#include <string>

namespace clickflow::sandbox {

/// `length` letters and digits from the system's secure generator: 5.95 bits each.
std::string random_text(size_t length);

}  // namespace clickflow::sandbox
