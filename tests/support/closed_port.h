#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace clickflow::testing {

/// A port on loopback that nobody listens on, and that nobody else is given while this lasts.
class ClosedPort {
 public:
  uint16_t number() const { return socket_.local_endpoint().port(); }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
};

}  // namespace clickflow::testing
