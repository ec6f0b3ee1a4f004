#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace clickflow::testing {

/// A TCP connection to loopback for saying what no HTTP client would say.
class RawConnection {
 public:
  explicit RawConnection(uint16_t port, const std::string& address = "127.0.0.1") : socket_(context_) {
    socket_.connect({boost::asio::ip::make_address(address), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
    socket_.non_blocking(true);
  }

  /// False if the other side has closed.
  bool send(std::string_view text) {
    boost::system::error_code failure;
    while (!text.empty()) {
      const size_t count = socket_.write_some(boost::asio::buffer(text.data(), text.size()), failure);
      if (failure && failure != boost::asio::error::would_block) return false;
      text.remove_prefix(count);
    }
    return true;
  }

  /// What came until the other side closed, or until the time was over.
  std::string read_all(std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string text;
    char block[4096];
    while (std::chrono::steady_clock::now() < deadline) {
      boost::system::error_code failure;
      text.append(block, socket_.read_some(boost::asio::buffer(block), failure));
      if (failure == boost::asio::error::would_block) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      } else if (failure) {
        closed_ = true;
        break;
      }
    }
    return text;
  }

  /// Whether read_all() ended because the other side had closed.
  bool closed() const { return closed_; }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  bool closed_ = false;
};

}  // namespace clickflow::testing
