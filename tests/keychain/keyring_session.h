#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

/// The GNOME Keyring of with_keyring.sh, as its administrator sees it. Everything goes through programs of
/// the system's, nothing through our code.
namespace clickflow::testing {

/// Runs a program to its end and returns what it wrote to stdout and stderr. The test fails if it fails.
std::string run(const std::vector<std::string>& command);

/// Calls a method of the Secret Service, as dbus-send spells arguments.
std::string call_secret_service(const std::string& path, const std::string& method,
                                const std::vector<std::string>& arguments = {});

std::string keyring_path(const std::string& name);
bool is_locked(const std::string& keyring);
void lock(const std::string& keyring);
void make_default(const std::string& keyring);

/// Ends the daemon and starts it anew, which leaves "login" unlocked and every other keyring locked.
void restart_keyring();

pid_t keyring_process();

/// What went over the session bus while it lived.
class BusMonitor {
 public:
  BusMonitor();
  ~BusMonitor();
  BusMonitor(const BusMonitor&) = delete;
  BusMonitor& operator=(const BusMonitor&) = delete;

  /// How often the keychain was told to ask the person something.
  int prompts();

 private:
  void end();

  std::string text_;
  pid_t process_ = -1;
  int output_ = -1;
};

/// A session bus on which nobody offers anything; or one that lets clients in, and then says nothing at all.
class EmptyBus {
 public:
  explicit EmptyBus(bool answers = true);
  ~EmptyBus();
  EmptyBus(const EmptyBus&) = delete;
  EmptyBus& operator=(const EmptyBus&) = delete;

  const std::string& address() const { return address_; }

 private:
  std::string folder_;
  std::string address_;
  pid_t process_ = -1;
};

}  // namespace clickflow::testing
