#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/http/client.h"

namespace clickflow::testing {

/// Keeps what came, and does what the test wants at each piece.
struct Received : http::Receiver {
  using OnPiece = std::function<http::Next(std::string_view piece)>;

  Received() = default;
  explicit Received(OnPiece the_on_piece) : on_piece(std::move(the_on_piece)) {}

  bool on_head(const http::ResponseHead& the_head) override {
    head = the_head;
    return wants_body;
  }
  http::Next on_body(std::string_view piece) override {
    body += piece;
    return on_piece ? on_piece(piece) : http::Next::more;
  }

  OnPiece on_piece;
  bool wants_body = true;
  std::optional<http::ResponseHead> head;
  std::string body;
};

inline http::Request get(const Url& url) {
  http::Request request;
  request.url = url;
  return request;
}
inline http::Request post(const Url& url, std::string body = "{}") {
  http::Request request;
  request.method = "POST";
  request.url = url;
  request.body = std::move(body);
  request.content_type = "application/json";
  return request;
}

}  // namespace clickflow::testing
