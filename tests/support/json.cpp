#include "support/json.h"

std::string Catch::StringMaker<clickflow::Json>::convert(const clickflow::Json& json) {
  return clickflow::to_text(json);
}
