#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <thread>

#include "clickflow/base/cancellation.h"

namespace clickflow::sandbox {

/// While there is one, SIGINT and SIGTERM cancel and do not end this process, which can so tidy up.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  const Cancellation& cancellation() const { return cancellation_; }

 private:
  const Cancellation cancellation_;
  boost::asio::io_context context_;
  boost::asio::signal_set signals_;
  std::thread thread_;
};

}  // namespace clickflow::sandbox
