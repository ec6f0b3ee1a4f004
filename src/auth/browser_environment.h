#pragma once

#include "clickflow/auth/surroundings.h"

namespace clickflow::auth {

/// `environment` without what a browser must not be given.
Environment for_browser(Environment environment);

}  // namespace clickflow::auth
