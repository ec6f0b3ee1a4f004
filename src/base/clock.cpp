#include "clickflow/base/clock.h"

namespace clickflow {
namespace {

class SystemClock : public Clock {
 public:
  TimePoint now() const override { return std::chrono::system_clock::now(); }
  bool sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override {
    return cancellation.sleep(static_cast<int>(duration.count()));
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace clickflow
