#include "process/support/host.h"

#include <algorithm>
#include <stdexcept>

namespace clickflow::testing {
namespace {

Arguments arguments_for(const RawServer& server, const Arguments& more) {
  Arguments all = more;
  const auto add = [&](const std::string& option, const std::string& value) {
    if (std::find(more.begin(), more.end(), option) == more.end()) all.insert(all.end(), {option, value});
  };
  add("--url", server.url());
  add("--tool-names", "original");
  return all;
}

std::string checked(std::string line) {
  if (!is_json_object(line)) throw std::runtime_error("stdout has a line that is no message: " + line);
  return line;
}

}  // namespace

Host::Host(const RawServer& server, const Arguments& more, const Environment& environment)
    : program(arguments_for(server, more), environment), server_(server) {}

void Host::initialize(std::string_view version) {
  request("\"init\"", "initialize",
          R"({"protocolVersion":")" + std::string(version) +
              R"(","capabilities":{},"clientInfo":{"name":"test","version":"1"}})");
  const std::string said = answer("\"init\"");
  if (value_at(said, "/result").empty()) throw std::runtime_error("the handshake failed: " + said);
  notify("notifications/initialized");
  server_.await("notifications/initialized");
}

void Host::request(std::string_view id, std::string_view method, std::string_view params) {
  send(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")" + std::string(method) +
       R"(","params":)" + std::string(params) + "}");
}

void Host::notify(std::string_view method, std::string_view params) {
  send(R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" + std::string(params) + "}");
}

void Host::check_quiet() {
  const std::string id = "\"ping-" + std::to_string(++pings_) + "\"";
  request(id, "ping");
  const std::string line = next();
  if (line != make_response(id, "{}"))
    throw std::runtime_error("the program was to be quiet, and said " + line);
}

std::string Host::read() {
  return checked(program.read_line());
}

std::string Host::next() {
  if (waiting_.empty()) return read();
  std::string line = std::move(waiting_.front());
  waiting_.pop_front();
  return line;
}

std::string Host::answer(std::string_view id) {
  const auto is_it = [&](const std::string& line) {
    return value_at(line, "/id") == id && value_at(line, "/method").empty();
  };
  if (const auto found = std::find_if(waiting_.begin(), waiting_.end(), is_it); found != waiting_.end()) {
    std::string line = std::move(*found);
    waiting_.erase(found);
    return line;
  }
  for (;;) {
    std::string line = read();
    if (is_it(line)) return line;
    waiting_.push_back(std::move(line));
  }
}

Lines Host::finish() {
  program.close_stdin();
  while (auto line = program.try_read_line(patience)) waiting_.push_back(checked(std::move(*line)));
  if (const std::string rest = program.read_rest(); !rest.empty()) waiting_.push_back("half a line: " + rest);
  if (const Exit end = program.wait(); end != Exit{})
    throw std::runtime_error("the program ended with status " + std::to_string(end.status) + ", signal " +
                             std::to_string(end.signal) + "; its log is:\n" + program.log());
  return {std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end())};
}

}  // namespace clickflow::testing
