#pragma once

#include <string>
#include <string_view>

namespace clickflow::sandbox {

/// How the demo looks: coloured on a terminal (unless NO_COLOR is set, no-color.org), plain lines in a pipe.
class DemoConsole {
 public:
  DemoConsole();

  void headline(std::string_view text) const;
  void step(std::string_view text);         ///< numbered
  void says(std::string_view text) const;   ///< the assistant, to the bridge
  void hears(std::string_view text) const;  ///< the bridge, to the assistant
  void hears_error(std::string_view text) const;
  void note(std::string_view text) const;
  /// A bar that grows in its place; in a pipe a line for each new action.
  void progress(int percent, const std::string& action);
  void end_progress();
  void success(std::string_view text) const;
  void failure(std::string_view text) const;

 private:
  std::string paint(const char* colour, std::string_view text) const;
  void line(const char* colour, std::string_view mark, std::string_view text) const;

  bool terminal_;
  bool coloured_;
  int steps_ = 0;
  std::string action_;
};

}  // namespace clickflow::sandbox
