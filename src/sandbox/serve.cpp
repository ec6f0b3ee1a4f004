#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/commands.h"
#include "clickflow/sandbox/server.h"

namespace clickflow::sandbox {

int serve(const ServeOptions& options) {
  log::start({log::Level::info, {}});
  boost::asio::io_context signals_context;
  boost::asio::signal_set signals(signals_context, SIGINT,
                                  SIGTERM);  // before the line that says we are ready

  ServerSettings settings;
  settings.port = options.port;
  settings.data = options.data;
  settings.speed = options.speed;
  settings.auth_port = options.auth_port;
  settings.oauth = options.oauth;
  settings.test_controls = options.test_controls;
  settings.protocol = options.protocol;
  auto server = Server::start(settings);
  if (!server) {
    std::cerr << "clickflow-sandbox: " << server.error().message() << "\n";
    return 1;
  }
  std::cout << (*server)->mcp_url() << "\n" << (*server)->issuer() << std::endl;
  if (auto keys = (*server)->keys().list(); keys && keys->empty()) {
    std::cerr
        << "There is no API key yet. Make one with \"clickflow-sandbox keys create\" or on the dashboard.\n";
  }
  signals.async_wait([](const boost::system::error_code&, int) {});
  signals_context.run();
  return 0;
}

}  // namespace clickflow::sandbox
