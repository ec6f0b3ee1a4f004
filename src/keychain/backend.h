#pragma once

#include <memory>
#include <optional>
#include <string>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"
#include "problem.h"

namespace clickflow::keychain {

/// A keychain as it comes: its calls block, some of them for ever. BoundedStore makes a SecretStore of it,
/// and calls it from one thread, with keys and secrets that have been checked.
class Backend {
 public:
  virtual ~Backend() = default;

  /// `given_up` comes when nobody waits for the outcome any more. Whoever can stop then, should.
  virtual Result<std::optional<Secret>> read(const std::string& key, const Cancellation& given_up) = 0;
  virtual Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) = 0;
  virtual Result<bool> remove(const std::string& key, const Cancellation& given_up) = 0;

  /// Any thread.
  virtual std::string description() const = 0;
  /// What a person is told when a call has not come back in time. Any thread.
  virtual tl::unexpected<Error> late() const { return timed_out(description()); }
};

/// The operating system's.
std::unique_ptr<Backend> make_system_backend(bool may_prompt);

}  // namespace clickflow::keychain
