#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "process/support/host.h"

/// Tables of what a server may say to the tool call with the id 7, and what has to come of it.
namespace clickflow::testing {

/// What the server does after its bytes.
enum class Then {
  keep,   ///< keeps the connection and waits for the next request
  close,  ///< ends it
  reset,  ///< breaks it
  stall,  ///< says nothing more until the program ends it
};

struct Script {
  std::string name;
  std::string bytes;
  Then then = Then::keep;
  /// Text of the tool error that the host gets; empty where the server's answer reaches it, with the result
  /// {}.
  std::string failure = {};
  /// The server misbehaved, and the log says so.
  bool logged = true;
  Arguments arguments = {};
};

const std::string good = R"({"jsonrpc":"2.0","id":7,"result":{}})";

/// A response with that body and its length.
std::string http(std::string_view body, std::string_view type = "application/json",
                 std::string_view status = "200 OK", std::string_view headers = {});
/// An event stream without a length.
std::string sse(std::string_view events, std::string_view headers = {});
std::string chunked(std::string_view chunks, std::string_view type = "application/json");
std::string repeated(std::string_view text, int times);

/// For each script, with a new process: the call gets one answer; then a ping and further calls are answered,
/// on whatever connections there are; and nothing else is said until the end.
void check_scripts(const std::vector<Script>& scripts);

}  // namespace clickflow::testing
