#include <algorithm>

#include "clickflow/base/url.h"
#include "require.h"

using clickflow::Url;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = Url::parse(text);
  if (!url) {
    require(!url.error().what.empty() && !url.error().remedy.empty());
    return 0;
  }
  const std::string whole = url->to_string();
  require(std::all_of(whole.begin(), whole.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
  require(url->port != 0 && !url->host.empty() && url->target.starts_with('/'));
  require(url->host.find_first_of("@/?#\\[] ") == std::string::npos);
  require(whole.starts_with(url->origin()) && url->target.starts_with(url->path()));
  const auto again = Url::parse(whole);
  require(again && again->to_string() == whole && again->origin() == url->origin());
  require(again->is_loopback() == url->is_loopback() && again->host == url->host && again->port == url->port);
  return 0;
}
