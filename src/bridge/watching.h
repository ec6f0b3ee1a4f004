#pragma once

#include <functional>
#include <utility>

#include "clickflow/bridge/known_server.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Lets everything pass and notes which lists the server says to have changed.
class Watching : public remote::Receiver {
 public:
  /// Both outlive this object.
  Watching(KnownServer& known, remote::Receiver& next) : known_(known), next_(next) {}

  void on_message(mcp::Message message) override {
    for (const auto& names : mcp::lists)
      if (message.method() == names.change.method) known_.changed(names.list);
    next_.on_message(std::move(message));
  }

 private:
  KnownServer& known_;
  remote::Receiver& next_;
};

/// Lets everything pass; a response is seen first, and may be changed: the host may go on as soon as it has
/// it.
class Answering : public remote::Receiver {
 public:
  using OnResponse = std::function<void(mcp::Message& response)>;

  /// `next` outlives this object.
  Answering(remote::Receiver& next, OnResponse on_response)
      : next_(next), on_response_(std::move(on_response)) {}

  void on_message(mcp::Message message) override {
    if (message.is_response()) on_response_(message);
    next_.on_message(std::move(message));
  }

 private:
  remote::Receiver& next_;
  const OnResponse on_response_;
};

}  // namespace clickflow::bridge
