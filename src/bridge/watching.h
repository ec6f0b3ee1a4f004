#pragma once

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

}  // namespace clickflow::bridge
