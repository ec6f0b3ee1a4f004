#pragma once

#include <string_view>

/// What a request's method says about sending it twice: no tool may run twice.
namespace clickflow::mcp {

/// True for requests that only read, or that set what is set already: those may be sent again when an answer
/// was lost.
bool may_repeat(std::string_view method);

/// True where it does no harm that a lost request may have run: of what may be repeated, and of
/// subscriptions/listen, which is not by itself.
bool is_harmless(std::string_view method);

}  // namespace clickflow::mcp
