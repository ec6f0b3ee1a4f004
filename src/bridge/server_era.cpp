#include "clickflow/bridge/server_era.h"

#include <utility>

namespace clickflow::bridge {

using mcp::Era;

ServerEra::Belief ServerEra::belief() const {
  std::lock_guard lock(mutex_);
  return {era_, proven_};
}

std::optional<Era> ServerEra::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

void ServerEra::assume(Era era) {
  std::lock_guard lock(mutex_);
  if (!era_) era_ = last_ = era;
}

bool ServerEra::learn(std::optional<Era> era) {
  std::optional<Cancellation> over;
  {
    std::lock_guard lock(mutex_);
    era_ = era;
    proven_ = era.has_value();
    discovery_.clear();
    if (!era) return false;
    if (last_ && last_ != era) over = std::exchange(until_other_, Cancellation());
    last_ = era;
  }
  if (over) over->cancel();
  return over.has_value();
}

void ServerEra::prove(Era era) {
  std::lock_guard lock(mutex_);
  if (era_ == era) proven_ = true;
}

void ServerEra::doubt(Era era) {
  std::lock_guard lock(mutex_);
  if (era_ == era) era_.reset();
  proven_ = false;
}

void ServerEra::keep_discovery(std::string discovery) {
  std::lock_guard lock(mutex_);
  discovery_ = std::move(discovery);
}

std::string ServerEra::take_discovery() {
  std::lock_guard lock(mutex_);
  return std::exchange(discovery_, {});
}

Cancellation ServerEra::until_other_than(Era era) const {
  std::lock_guard lock(mutex_);
  if (last_ == era) return until_other_;
  const Cancellation over;
  over.cancel();
  return over;
}

}  // namespace clickflow::bridge
