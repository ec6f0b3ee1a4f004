#pragma once

#include <pthread.h>

#include <stdexcept>

namespace clickflow::testing {

/// The system gives this process no further thread, for as long as it lives: each would want a stack that no
/// address space has room for.
class RefusedThreads {
 public:
  RefusedThreads() {
    pthread_attr_t greedy;
    if (::pthread_getattr_default_np(&usual_) != 0 || ::pthread_getattr_default_np(&greedy) != 0 ||
        ::pthread_attr_setstacksize(&greedy, size_t{1} << 60) != 0 ||
        ::pthread_setattr_default_np(&greedy) != 0)
      throw std::runtime_error("threads can't be refused here");
    ::pthread_attr_destroy(&greedy);
  }
  ~RefusedThreads() {
    ::pthread_setattr_default_np(&usual_);
    ::pthread_attr_destroy(&usual_);
  }
  RefusedThreads(const RefusedThreads&) = delete;
  RefusedThreads& operator=(const RefusedThreads&) = delete;

 private:
  pthread_attr_t usual_;
};

}  // namespace clickflow::testing
