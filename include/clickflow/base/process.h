#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clickflow {

/// A process as another one can refer to it, told apart from a later process that was given the same number.
struct ProcessIdentity {
  int64_t id = 0;
  /// When it started, in whatever unit the system counts in.
  uint64_t start = 0;

  static ProcessIdentity self();
  /// The process that has this number now, if one has.
  static std::optional<ProcessIdentity> of(int64_t id);
  /// What to_string() made; nothing for anything else.
  static std::optional<ProcessIdentity> parse(std::string_view text);

  /// "<id> <start>"
  std::string to_string() const;
  /// False as well once it has ended and only its parent has not taken notice.
  bool is_running() const;

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

}  // namespace clickflow
