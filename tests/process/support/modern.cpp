#include "process/support/modern.h"

#include <string>

namespace clickflow::testing {

ModernServer::ModernServer() {
  on("server/discover", [](Exchange& exchange) {
    exchange.result(
        R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"raw","version":"1"}}})");
  });
  on("tools/list", [](Exchange& exchange) {
    exchange.result(R"({"resultType":"complete","tools":[],"ttlMs":0,"cacheScope":"private"})");
  });
  on("", [](Exchange& exchange) { exchange.result(R"({"resultType":"complete"})"); });
}

void request_modern(Host& host, std::string_view id, std::string_view method, std::string_view params) {
  std::string with_meta(params);
  with_meta.insert(
      1,
      std::string(
          R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}})") +
          (params == "{}" ? "" : ","));
  host.request(id, method, with_meta);
}

}  // namespace clickflow::testing
