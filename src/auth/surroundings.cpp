#include "clickflow/auth/surroundings.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "clickflow/base/boost_environment.h"

namespace clickflow::auth {
namespace {

constexpr unsigned example_port = 8765;

std::string value(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool any_set(const Environment& environment, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return !value(environment, name).empty(); });
}

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '.' ||
         c == '_' || c == '-' || c == '+';
}

}  // namespace

Environment current_environment() {
  Environment result;
  for (const auto& entry : boost::this_process::environment()) result[entry.get_name()] = entry.to_string();
  return result;
}

std::string browser_helper(const Environment& environment) {
  const std::string program = value(environment, "BROWSER");
  const bool bare = program.find('/') == std::string::npos;
  if (program.empty() || program[0] == '-' || !std::all_of(program.begin(), program.end(), is_plain))
    return {};
  return bare || program[0] == '/' ? program : std::string();
}

Surroundings look_around(const Environment& environment, const std::filesystem::path& root) {
  Surroundings result;
  // Linux only; "5.15.167.4-microsoft-standard-WSL2", with a capital M in WSL 1.
  std::ifstream file(root / "proc/sys/kernel/osrelease");
  const bool is_linux = file.is_open();
  std::string release;
  std::getline(file, release);
  result.wsl = is_linux && (release.find("icrosoft") != std::string::npos ||
                            any_set(environment, {"WSL_DISTRO_NAME", "WSL_INTEROP"}));
  result.ssh = any_set(environment, {"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"});
  std::error_code ignored;
  result.container = any_set(environment, {"container", "KUBERNETES_SERVICE_HOST"}) ||
                     std::filesystem::exists(root / ".dockerenv", ignored) ||
                     std::filesystem::exists(root / "run/.containerenv", ignored);
  result.display = is_linux ? any_set(environment, {"DISPLAY", "WAYLAND_DISPLAY"}) : !result.ssh;
  result.helper = !browser_helper(environment).empty();
  return result;
}

std::string Surroundings::advice(unsigned port, const SessionIdentity& identity) const {
  const std::string by_hand = identity.command("login --no-browser") +
                              " (open the link anywhere and paste the address that it ends at) or " +
                              identity.command("login --device");
  if (helper || (display && !wsl)) return {};
  if (wsl) {
    return "This is WSL, so the link opens in your browser on Windows. If that browser can't get back here, "
           "use " +
           by_hand + ".";
  }
  if (ssh) {
    const std::string number = std::to_string(port != 0 ? port : example_port);
    return "You are connected over SSH, so a browser that opens here is not in front of you. Use " + by_hand +
           "; or connect with `ssh -L " + number + ":127.0.0.1:" + number + "`, run " +
           identity.command("login --callback-port " + number) + " and open the link on your own machine.";
  }
  if (container) return "This is a container without a desktop to open a browser on. Use " + by_hand + ".";
  return "There is no desktop here to open a browser on. Use " + by_hand + ".";
}

}  // namespace clickflow::auth
