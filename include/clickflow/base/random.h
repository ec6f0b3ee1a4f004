#pragma once

#include <cstddef>
#include <string>

namespace clickflow {

/// Bytes that nobody can guess, from OpenSSL's generator. Ends the program where there are none to be had: no
/// secret may be made of anything less.
std::string random_bytes(size_t count);

}  // namespace clickflow
