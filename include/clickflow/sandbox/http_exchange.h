#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clickflow::sandbox {

class EventReader;

/// What came in and what goes out, free of any HTTP library, so that everything but the socket can be tested
/// by a call.
struct Request {
  std::string method;
  std::string path;                            ///< decoded, without the query
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string target{};  ///< as it was sent: path and query

  /// As it was sent; empty where there is none.
  std::string_view query() const {
    const size_t start = target.find('?');
    return start == std::string::npos ? std::string_view() : std::string_view(target).substr(start + 1);
  }
  /// Empty where there is none.
  const std::string& header(const std::string& lower_case_name) const {
    static const std::string none;
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? none : found->second;
  }
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<EventReader> events;  ///< where set, the body is this stream of events
  std::string note;                     ///< for the log: what was asked for
};

}  // namespace clickflow::sandbox
