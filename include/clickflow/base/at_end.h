#pragma once

#include <exception>
#include <functional>
#include <utility>

#include "clickflow/base/log.h"

namespace clickflow {

/// Does something when it goes, by whatever way: for what others wait for, or may not outlive this.
class [[nodiscard]] AtEnd {
 public:
  explicit AtEnd(std::function<void()> what) : what_(std::move(what)) {}
  ~AtEnd() {
    try {
      what_();
    } catch (const std::exception& failure) {
      log::error("something could not be ended well: {}", failure.what());
    }
  }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  const std::function<void()> what_;
};

}  // namespace clickflow
