#include "clickflow/sandbox/request_origin.h"

#include "clickflow/base/ascii.h"
#include "clickflow/base/url.h"

namespace clickflow::sandbox {
namespace {

bool is_loopback(const std::string& url) {
  const auto parsed = Url::parse(url);
  return parsed && parsed->is_loopback();
}

}  // namespace

bool comes_from_this_machine(const Request& request) {
  const std::string& origin = request.header("origin");
  const std::string& host = request.header("host");
  return (origin.empty() || is_loopback(origin)) && (host.empty() || is_loopback("http://" + host));
}

std::string bearer_of(const Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const std::string& header = request.header("authorization");
  return lower(header).starts_with(scheme) ? header.substr(scheme.size()) : "";
}

}  // namespace clickflow::sandbox
