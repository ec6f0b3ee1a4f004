#pragma once

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// The program's log: to stderr (hosts keep it in a file of theirs) and, where asked, to a rotating file of
/// our own. Every line passes through redact() before it is written. Any thread may log.
namespace clickflow::log {

enum class Level { trace, debug, info, warn, error, off };

struct Settings {
  Level level = Level::warn;
  /// 3 files of at most 5 MiB, readable by the user only.
  std::optional<std::filesystem::path> file;
  /// Where stderr is to be told less than the file.
  std::optional<Level> stderr_level = std::nullopt;
};

/// Called once, before other threads start. Until then warnings and errors go to stderr. Returns what went
/// wrong with the file, in words, or nothing; stderr works in either case.
std::optional<std::string> start(const Settings& settings);

bool enabled(Level level);

/// `text` with everything that looks like a credential, and every Secret, blotted out, and control characters
/// escaped: what a peer sends can't forge a line.
std::string redact(std::string_view text);

/// From now on this value appears in no line. A copy stays until 256 others have been hidden since it was
/// last, then it is wiped. Values under 8 characters are not remembered: they'd blot out words.
void hide(std::string_view secret);

void write(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace clickflow::log
