#pragma once

#include <string>
#include <string_view>

namespace clickflow {

/// A credential. It is wiped when it goes, can't be printed, and is known to the log, which blots it out
/// wherever it would appear and keeps a copy to know it by (see log::hide()). Whoever needs the characters
/// says `expose()`, so that a reader can find every such place.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  /// Valid for as long as this object lives and is not assigned to.
  std::string_view expose() const { return value_; }
  bool empty() const { return value_.empty(); }

  /// Takes as long wherever the difference is.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  std::string value_;
};

}  // namespace clickflow
