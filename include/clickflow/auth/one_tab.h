#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"

namespace clickflow::auth {

/// How a sign-in in the browser ended.
enum class SignInEnd {
  signed_in,
  declined,   ///< the person said no
  no_answer,  ///< nobody came back from the browser in time
  failed,
};

/// Makes ten processes that find at the same moment that nobody is signed in open one browser tab: one of
/// them gets the turn, the others learn its link and how it ended. It stands on a lock, which the operating
/// system takes from a process that dies, and on a small file (mode 0600) with the link, the process that
/// opened it, and the end. The link is as secret as the browser's history; the verifier that makes its answer
/// worth something stays in the process.
class OneTab {
 public:
  /// `name` stands for what is signed in to (a profile, an endpoint, an issuer), as a file name.
  OneTab(const std::filesystem::path& folder, const std::string& name);

  /// The right to open a tab, for as long as the object lives. One that goes without end(), because its
  /// process was ended say, leaves the turn to another.
  class Turn {
   public:
    Turn(Turn&&) noexcept;
    Turn& operator=(Turn&&) noexcept;
    ~Turn();

    /// Lets the others show the same link. Fails as write_file() does, and for a link that may not be opened.
    Result<void> show(const std::string& link, std::chrono::seconds valid);
    /// Tells the others and lets the turn go; nothing may be called after it. After signed_in the store must
    /// have the new tokens already.
    void end(SignInEnd how);

   private:
    friend class OneTab;
    struct State;
    explicit Turn(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  struct OutOfTime {};
  struct Cancelled {};
  /// A turn of our own; or how the sign-in that another process began ended; or neither, within the limit.
  using Outcome = std::variant<Turn, SignInEnd, OutOfTime, Cancelled>;

  struct Waiting {
    std::chrono::milliseconds limit{0};
    Cancellation cancellation;
    /// Asks the store. Called before a turn is given and, while another process has it, every 2 s.
    std::function<bool()> signed_in;
    /// Told each link that another process shows; may be empty.
    std::function<void(const std::string& link)> on_link;
  };

  /// Gives the turn at once if nobody has it. Otherwise waits for the one who does; all who wait share its
  /// end, and only where it left without one does another get the turn. Fails as FileLock does. Any thread,
  /// but not two at once.
  Result<Outcome> take_turn(const Waiting& waiting) const;

  /// What the process that has the turn shows, if any does.
  std::optional<std::string> link() const;

 private:
  const std::filesystem::path lock_path_;
  const std::filesystem::path state_path_;
};

}  // namespace clickflow::auth
