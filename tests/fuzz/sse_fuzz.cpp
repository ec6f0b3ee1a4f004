#include <algorithm>
#include <string>
#include <vector>

#include "clickflow/http/sse.h"
#include "require.h"

using clickflow::http::SseEvent;
using clickflow::http::SseParser;

namespace {

struct Outcome {
  std::vector<std::string> events;
  std::string id;
  std::optional<int> retry;
  bool too_long = false;

  bool operator==(const Outcome&) const = default;
};

// `cuts` says how long each piece is, over and over.
Outcome read(std::string_view text, std::string_view cuts, size_t max_event) {
  SseParser parser(max_event);
  Outcome outcome;
  for (size_t i = 0; !text.empty(); ++i) {
    const size_t size =
        cuts.empty()
            ? text.size()
            : std::min<size_t>(static_cast<unsigned char>(cuts[i % cuts.size()]) % 8 + 1, text.size());
    const bool goes_on = parser.feed(text.substr(0, size), [&](SseEvent event) {
      require(event.data.size() <= max_event && event.event.size() <= std::max<size_t>(max_event, 7));
      outcome.events.push_back(event.event + '\0' + event.data);
      return true;
    });
    if (!goes_on) break;
    text.remove_prefix(size);
  }
  outcome.id = parser.last_event_id();
  outcome.retry = parser.retry();
  outcome.too_long = parser.too_long();
  return outcome;
}

}  // namespace

// The first byte limits the events, the second says how many bytes of cuts follow; the rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size < 2) return 0;
  const size_t max_event = data[0] < 128 ? data[0] : 1024 * 1024;
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string_view cuts = rest.substr(0, data[1] % 8);
  rest.remove_prefix(cuts.size());
  const auto whole = read(rest, {}, max_event);
  require(read(rest, cuts, max_event) == whole);
  require(read(rest, std::string(1, '\0'), max_event) == whole);  // byte by byte
  return 0;
}
