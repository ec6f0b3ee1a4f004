#include "interruption.h"

#include <csignal>

namespace clickflow::sandbox {

Interruption::Interruption() : signals_(context_, SIGINT, SIGTERM) {
  signals_.async_wait([this](const boost::system::error_code& failure, int) {
    if (!failure) cancellation_.cancel();
  });
  thread_ = std::thread([this] { context_.run(); });
}

Interruption::~Interruption() {
  context_.stop();
  thread_.join();
}

}  // namespace clickflow::sandbox
