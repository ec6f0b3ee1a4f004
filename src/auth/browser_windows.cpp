#include "clickflow/base/boost_process.h"

#include <system_error>
#include <vector>

// After Boost.Asio, which wants to include winsock2.h first.
#include <windows.h>

#include "browser_environment.h"
#include "clickflow/auth/browser.h"

namespace clickflow::auth {
namespace {

namespace bp = boost::process;

std::string system_folder() {
  char path[MAX_PATH] = "";
  const UINT size = ::GetSystemDirectoryA(path, sizeof path);
  return size > 0 && size < sizeof path ? path : "C:\\Windows\\System32";
}

class SystemBrowser : public Browser {
 public:
  explicit SystemBrowser(Environment environment) : environment_(std::move(environment)) {}

  // ShellExecuteExW would hand our environment on; this is what it does for an address, with one that we
  // choose.
  Result<void> open(const std::string& url) override {
    if (auto browsable = check_browsable(url); !browsable) return browsable;
    bp::environment variables;
    for (const auto& [name, value] : for_browser(environment_)) variables[name] = value;
    const std::vector<std::string> arguments{"url.dll,FileProtocolHandler", url};
    std::error_code failure;
    bp::child child(
        bp::exe = system_folder() + "\\rundll32.exe", bp::args = arguments, variables,
        (bp::std_in < bp::null), (bp::std_out > bp::null), (bp::std_err > bp::null),
        bp::extend::on_setup =
            [](auto& executor) { executor.creation_flags |= CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS; },
        failure);
    if (failure) {
      return fail(ErrorCode::system, "No browser could be opened from here.",
                  "Open the link yourself, or sign in with --no-browser.");
    }
    child.detach();
    return {};
  }

 private:
  const Environment environment_;
};

}  // namespace

std::unique_ptr<Browser> make_system_browser(Environment environment, const Surroundings&) {
  return std::make_unique<SystemBrowser>(std::move(environment));
}

}  // namespace clickflow::auth
