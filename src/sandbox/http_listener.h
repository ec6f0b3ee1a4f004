#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/http_exchange.h"

namespace clickflow::sandbox {

/// A port on 127.0.0.1: what arrives there becomes a Request, and goes to one function.
class HttpListener {
 public:
  /// Called on many threads at a time. Must not throw.
  using Handler = std::function<Reply(const Request&)>;

  struct Settings {
    uint16_t port = 0;       ///< 0 for any that is free
    const char* option;      ///< how the command line calls the port, for error texts
    size_t connections = 0;  ///< that are answered at a time; each holds a thread
  };

  /// Takes the port, and makes whoever connects wait until serve(). `system` where the port is taken.
  static Result<std::unique_ptr<HttpListener>> bind(const Settings& settings);
  ~HttpListener();

  /// `http://127.0.0.1:8787`
  const std::string& origin() const;
  void serve(Handler handler);
  /// Closes the connections once their handlers return, and waits for that.
  void stop();

 private:
  struct Parts;
  explicit HttpListener(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace clickflow::sandbox
