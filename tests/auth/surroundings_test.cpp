#include "clickflow/auth/surroundings.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>

#include "support/temporary_folder.h"

using clickflow::auth::Environment;
using clickflow::auth::look_around;
using clickflow::auth::Surroundings;
using clickflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// A root folder by which a system is known.
struct Linux : TemporaryFolder {
  explicit Linux(const std::string& release = "6.1.0-28-amd64\n") {
    write(path() / "proc/sys/kernel/osrelease", release);
  }
};

}  // namespace

TEST_CASE("A Linux desktop needs no advice") {
  const Linux root;
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"}) {
    const Surroundings here = look_around({{name, ":0"}}, root.path());
    CHECK(here.browser_reaches_person());
    CHECK(here.advice(0, {}).empty());
  }
}

TEST_CASE("macOS and Windows have a desktop, except over SSH") {
  const TemporaryFolder root;
  CHECK(look_around({}, root.path()).browser_reaches_person());
  const Surroundings over_ssh = look_around({{"SSH_CONNECTION", "10.0.0.2 5 10.0.0.1 22"}}, root.path());
  CHECK_FALSE(over_ssh.browser_reaches_person());
  CHECK(over_ssh.advice(0, {}).find("SSH") != std::string::npos);
}

TEST_CASE("SSH is noticed, and the advice has the port that was asked for") {
  const Linux root;
  for (const char* name : {"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"}) {
    const Surroundings here = look_around({{name, "x"}}, root.path());
    CHECK(here.ssh);
    CHECK_FALSE(here.browser_reaches_person());
    CHECK(here.advice(4711, {}).find(
              "`ssh -L 4711:127.0.0.1:4711`, run `clickflow-mcp login --callback-port 4711`") !=
          std::string::npos);
    CHECK(here.advice(0, {}).find("--callback-port 8765") != std::string::npos);
    CHECK(here.advice(0, {}).find("--no-browser") != std::string::npos);
    CHECK(here.advice(0, {}).find("--device") != std::string::npos);
  }
  CHECK(look_around({{"SSH_CONNECTION", "x"}, {"DISPLAY", "localhost:10.0"}}, root.path())
            .browser_reaches_person());
}

TEST_CASE("WSL is known by its kernel or its variables") {
  for (const char* release : {"5.15.167.4-microsoft-standard-WSL2\n", "4.4.0-19041-Microsoft\n"}) {
    const Linux root(release);
    const Surroundings here = look_around({}, root.path());
    CHECK(here.wsl);
    CHECK(here.browser_reaches_person());
    CHECK(here.advice(0, {}).find("Windows") != std::string::npos);
  }
  const Linux custom_kernel;
  CHECK(look_around({{"WSL_DISTRO_NAME", "Debian"}}, custom_kernel.path()).wsl);
  CHECK_FALSE(look_around({}, custom_kernel.path()).wsl);
}

TEST_CASE("Containers and machines without a desktop are told apart") {
  const Linux plain;
  const Surroundings bare = look_around({}, plain.path());
  CHECK_FALSE(bare.container);
  CHECK_FALSE(bare.browser_reaches_person());
  CHECK(bare.advice(0, {}).starts_with("There is no desktop here"));
  CHECK(look_around({{"container", "podman"}}, plain.path()).container);
  CHECK(look_around({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}, plain.path()).container);
  for (const char* file : {".dockerenv", "run/.containerenv"}) {
    const Linux root;
    write(root.path() / file, "");
    const Surroundings here = look_around({}, root.path());
    CHECK(here.container);
    CHECK(here.advice(0, {}).starts_with("This is a container"));
  }
}

TEST_CASE("Whoever set $BROWSER knows a way") {
  const Linux root;
  const Surroundings here =
      look_around({{"SSH_CONNECTION", "x"}, {"BROWSER", "/opt/editor/browser.sh"}}, root.path());
  CHECK(here.browser_reaches_person());
  CHECK(here.advice(0, {}).empty());
  CHECK_FALSE(look_around({{"BROWSER", "sh -c 'x %s'"}}, root.path()).helper);
}

TEST_CASE("The environment is read as it is") {
  const Environment environment = clickflow::auth::current_environment();
  const char* path = std::getenv("PATH");
  REQUIRE(path);
  CHECK(environment.at("PATH") == path);
}
