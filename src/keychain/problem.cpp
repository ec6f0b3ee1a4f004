#include "problem.h"

#include <spdlog/fmt/fmt.h>

namespace clickflow::keychain {
namespace {

constexpr const char* or_use_a_file =
    "or keep tokens in a file that only you can read, with --token-store file.";

/// "The macOS Keychain failed: no space." from "the macOS Keychain", "failed" and "no space".
std::string sentence(std::string_view subject, std::string_view predicate, std::string_view detail = {}) {
  std::string text = fmt::format("{} {}", subject, predicate);
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (!detail.empty()) text.append(": ").append(detail);
  if (!text.ends_with('.')) text += '.';
  return text;
}

}  // namespace

tl::unexpected<Error> locked(std::string_view keychain) {
  return fail(ErrorCode::keychain_locked, sentence(keychain, "is locked"),
              "Unlock it (`clickflow-mcp login` has it ask for its password), then try again.");
}

tl::unexpected<Error> not_unlocked(std::string_view keychain) {
  return fail(ErrorCode::keychain_locked, sentence(keychain, "was not unlocked"),
              "Try again and give its password when it asks.");
}

tl::unexpected<Error> absent(std::string_view keychain, std::string_view detail) {
  return fail(ErrorCode::keychain_absent, sentence(keychain, "is not available here", detail),
              fmt::format("Install or start it, {}", or_use_a_file));
}

tl::unexpected<Error> no_default_keyring(std::string_view keychain) {
  return fail(ErrorCode::keychain_absent, sentence(keychain, "has no default keyring yet"),
              fmt::format("Run `clickflow-mcp login`, which has it set one up, {}", or_use_a_file));
}

tl::unexpected<Error> no_session_bus(std::string_view keychain, std::string_view detail) {
  return fail(ErrorCode::keychain_no_bus,
              sentence(keychain, "can't be reached without a D-Bus session bus", detail),
              fmt::format("Start the program from a desktop session, {}", or_use_a_file));
}

tl::unexpected<Error> refused(std::string_view keychain, std::string_view detail) {
  return fail(ErrorCode::keychain_refused, sentence(keychain, "refused access", detail),
              "Allow clickflow-mcp in its settings, then try again.");
}

tl::unexpected<Error> timed_out(std::string_view keychain) {
  return fail(ErrorCode::timed_out, sentence(keychain, "did not answer in time"),
              fmt::format("See whether a window of its own waits for you, restart it, {}", or_use_a_file));
}

tl::unexpected<Error> damaged(std::string_view keychain, std::string_view detail) {
  return fail(ErrorCode::keychain_damaged,
              sentence(fmt::format("the entry in {}", keychain), "can't be used", detail),
              "Sign in again, which replaces it.");
}

tl::unexpected<Error> broken(std::string_view keychain, std::string_view detail) {
  return fail(ErrorCode::system, sentence(keychain, "failed", detail),
              "Try again; if that doesn't help, look into its own log.");
}

}  // namespace clickflow::keychain
