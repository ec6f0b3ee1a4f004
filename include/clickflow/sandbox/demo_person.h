#pragma once

#include <string>

#include "clickflow/base/error.h"

namespace clickflow::sandbox {

/// True for a link to sign in at a sandbox: http on loopback, and its path.
bool is_sign_in_link(const std::string& link);

/// Does what a person does in a browser who is sent to such a link: chooses Ada, allows, and follows the way
/// back. No step takes longer than 5 s. `rejected` where a page is not what it should be.
Result<void> visit_as_person(const std::string& link);

}  // namespace clickflow::sandbox
