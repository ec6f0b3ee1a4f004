#pragma once

#include <cstdlib>

/// Ends a fuzzer, which keeps the input that led here.
inline void require(bool holds) {
  if (!holds) std::abort();
}
