#include "keyring_session.h"

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "clickflow/base/boost_process.h"

namespace clickflow::testing {
namespace {

namespace bp = boost::process;
using namespace std::chrono_literals;

constexpr auto patience = 10s;

template <class Condition>
void wait_until(const Condition& condition) {
  for (const auto deadline = std::chrono::steady_clock::now() + patience; !condition();) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("waited too long");
    std::this_thread::sleep_for(20ms);
  }
}

std::string ask_bus(const std::string& method, const std::string& argument) {
  return run({"dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/",
              "org.freedesktop.DBus." + method, argument});
}

bool keyring_runs() {
  return ask_bus("NameHasOwner", "string:org.freedesktop.secrets").find("true") != std::string::npos;
}

}  // namespace

std::string run(const std::vector<std::string>& command) {
  bp::ipstream output;
  bp::child child(bp::search_path(command.at(0)), bp::args(std::vector(command.begin() + 1, command.end())),
                  (bp::std_out & bp::std_err) > output, bp::std_in < bp::null);
  std::stringstream text;
  text << output.rdbuf();
  child.wait();
  INFO(command.at(0) << ": " << text.str());
  REQUIRE(child.exit_code() == 0);
  return text.str();
}

std::string call_secret_service(const std::string& path, const std::string& method,
                                const std::vector<std::string>& arguments) {
  std::vector<std::string> command{
      "dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.secrets", path, method};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

std::string keyring_path(const std::string& name) {
  return "/org/freedesktop/secrets/collection/" + name;
}

bool is_locked(const std::string& keyring) {
  const std::string answer =
      call_secret_service(keyring_path(keyring), "org.freedesktop.DBus.Properties.Get",
                          {"string:org.freedesktop.Secret.Collection", "string:Locked"});
  return answer.find("true") != std::string::npos;
}

void lock(const std::string& keyring) {
  call_secret_service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
                      {"array:objpath:" + keyring_path(keyring)});
  REQUIRE(is_locked(keyring));
}

void make_default(const std::string& keyring) {
  call_secret_service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SetAlias",
                      {"string:default", "objpath:" + keyring_path(keyring)});
}

void restart_keyring() {
  ::kill(keyring_process(), SIGTERM);
  wait_until([] { return !keyring_runs(); });
  // It goes to the background by itself, and ends with the bus.
  bp::opstream password;
  bp::child daemon(bp::search_path("gnome-keyring-daemon"), "--unlock", "--components=secrets",
                   bp::std_in<password, bp::std_out> bp::null, bp::std_err > bp::null);
  password << "test\n" << std::flush;
  password.pipe().close();
  daemon.wait();
  wait_until(keyring_runs);
  REQUIRE_FALSE(is_locked("login"));
}

pid_t keyring_process() {
  const std::string answer = ask_bus("GetConnectionUnixProcessID", "string:org.freedesktop.secrets");
  return std::stoi(answer.substr(answer.rfind(' ')));
}

BusMonitor::BusMonitor() {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(pipe[1], 1);
    ::execlp("dbus-monitor", "dbus-monitor", "--session", "type=method_call", nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
  // It sees what comes after its first line, which is its own connection's.
  char byte = 0;
  REQUIRE(::read(output_, &byte, 1) == 1);
}

BusMonitor::~BusMonitor() {
  end();
}

void BusMonitor::end() {
  if (process_ < 0) return;
  // What came before this call has been printed when the call has.
  ask_bus("NameHasOwner", "string:that.is.all");
  char block[4096];
  while (text_.find("that.is.all") == std::string::npos) {
    const ssize_t count = ::read(output_, block, sizeof block);
    if (count <= 0) break;
    text_.append(block, static_cast<size_t>(count));
  }
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  ::close(output_);
  process_ = -1;
}

int BusMonitor::prompts() {
  end();
  REQUIRE(text_.find("member=OpenSession") != std::string::npos);  // so it did see us
  int count = 0;
  for (size_t at = text_.find("member=Prompt\n"); at != std::string::npos;
       at = text_.find("member=Prompt\n", at + 1)) {
    ++count;
  }
  return count;
}

EmptyBus::EmptyBus(bool answers) {
  folder_ = std::filesystem::temp_directory_path() / ("clickflow-bus-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder_);
  const std::string socket = folder_ + "/bus", settings = folder_ + "/bus.conf";
  address_ = "unix:path=" + socket;
  std::ofstream(settings) << "<busconfig><type>session</type><listen>" << address_
                          << "</listen><auth>EXTERNAL</auth>"
                          << "<policy context='default'><allow send_destination='*'/><allow own='*'/>"
                          << (answers ? "<allow receive_sender='*'/>" : "") << "</policy></busconfig>";
  process_ = ::fork();
  if (process_ == 0) {
    ::execlp("dbus-daemon", "dbus-daemon", "--nofork", ("--config-file=" + settings).c_str(), nullptr);
    ::_exit(127);
  }
  wait_until([&] { return std::filesystem::exists(socket); });
}

EmptyBus::~EmptyBus() {
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace clickflow::testing
