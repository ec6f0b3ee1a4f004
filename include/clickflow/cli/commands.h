#pragma once

#include <string>
#include <vector>

#include "clickflow/cli/options.h"

/// One function, one file (src/cli/<name>_command.cpp) for each command. Each returns the process's exit
/// status.
namespace clickflow::cli {

enum Exit : int {
  success = 0,
  tool_error = 1,  ///< the tool ran and says that it failed; for `api`, a status that is no success
  failure = 2,     ///< no tool has answered, its answer could not be written, or the command line is wrong
};

int serve(const Settings& settings);
int tools(const Settings& settings, bool as_json);

struct CallArguments {
  std::string tool;
  std::string json;                ///< an object, or empty
  std::vector<std::string> pairs;  ///< name=value; they win over `json`
  bool as_json = false;
};
int call(const Settings& settings, const CallArguments& arguments);

struct ApiArguments {
  std::string method;
  std::string path;
  std::string json;
};
int api(const Settings& settings, const ApiArguments& arguments);

int status(const Settings& settings, bool as_json);

enum class LoginWay { browser, paste, device, api_key };
int login(const Settings& settings, LoginWay way);
int logout(const Settings& settings);

}  // namespace clickflow::cli
