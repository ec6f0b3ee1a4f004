#pragma once

#include <algorithm>
#include <cstddef>

namespace clickflow::sandbox {

/// Leaves room for one more in a map that may hold `most`: the entry that is the oldest by `time` goes.
template <class Map, class Time>
void make_room(Map& entries, size_t most, Time time) {
  if (entries.size() < most) return;
  entries.erase(std::min_element(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    return time(a.second) < time(b.second);
  }));
}

}  // namespace clickflow::sandbox
