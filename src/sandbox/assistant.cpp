#include "assistant.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "clickflow/base/boost_process.h"

namespace clickflow::sandbox {
namespace {

namespace asio = boost::asio;
namespace bp = boost::process;

constexpr auto answer_limit = std::chrono::seconds(15);
constexpr auto exit_limit = std::chrono::seconds(5);

bp::environment make_environment(const std::map<std::string, std::string>& added) {
  bp::environment environment = boost::this_process::environment();
  std::vector<std::string> ours;
  for (const auto& variable : environment) {
    if (variable.get_name().starts_with("CLICKFLOW_")) ours.push_back(variable.get_name());
  }
  for (const auto& name : ours) environment.erase(name);
  for (const auto& [name, value] : added) environment[name] = value;
  return environment;
}

tl::unexpected<Error> interrupted() {
  return fail(ErrorCode::cancelled, "Interrupted.", "");
}

}  // namespace

struct Assistant::Process {
  asio::io_context context;
  bp::async_pipe in{context};
  bp::async_pipe out{context};
  bp::child child;
  std::string unread;
};

Result<std::unique_ptr<Assistant>> Assistant::launch(const Launch& launch) {
  auto process = std::make_unique<Process>();
  std::error_code failure;
  // Not with limit_handles: in Boost 1.81 it closes the pipes of the child too.
  process->child = bp::child(bp::exe = launch.program.string(), make_environment(launch.environment),
                             bp::std_in<process->in, bp::std_out> process->out,
                             bp::std_err > launch.log.string(), failure);
  if (failure) {
    return fail(ErrorCode::system, launch.program.string() + " can't be started: " + failure.message() + ".",
                "Build it, or say where it is with --bridge.");
  }
  return std::unique_ptr<Assistant>(new Assistant(std::move(process), launch.cancellation));
}

Assistant::Assistant(std::unique_ptr<Process> process, Cancellation cancellation)
    : process_(std::move(process)), cancellation_(std::move(cancellation)) {}

Assistant::~Assistant() {
  if (close()) return;
  std::error_code ignored;
  process_->child.terminate(ignored);
}

Result<void> Assistant::close() {
  boost::system::error_code closed_already;
  process_->in.close(closed_already);
  const auto deadline = std::chrono::steady_clock::now() + exit_limit;
  std::error_code failure;
  while (process_->child.running(failure)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::timed_out, "clickflow-mcp did not end when its input ended.", "See its log.");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (process_->child.exit_code() == 0) return {};
  return fail(ErrorCode::protocol,
              "clickflow-mcp ended with status " + std::to_string(process_->child.exit_code()) + ".",
              "See its log.");
}

Result<void> Assistant::send(const Json& message) {
  boost::system::error_code failure;
  asio::write(process_->in, asio::buffer(to_text(message) + "\n"), failure);
  if (!failure) return {};
  return fail(ErrorCode::lost, "clickflow-mcp takes no more input: " + failure.message() + ".",
              "See its log.");
}

Result<Json> Assistant::receive(std::chrono::steady_clock::time_point deadline) {
  bool done = false;
  boost::system::error_code failure;
  size_t length = 0;
  asio::async_read_until(process_->out, asio::dynamic_buffer(process_->unread), '\n',
                         [&](const boost::system::error_code& error, size_t size) {
                           done = true;
                           failure = error;
                           length = size;
                         });
  process_->context.restart();
  {
    const Cancellation::Callback stop(cancellation_, [this] { process_->context.stop(); });
    process_->context.run_until(deadline);
  }
  const bool timed_out = !done;
  if (timed_out) {
    boost::system::error_code ignored;
    process_->out.close(ignored);
    process_->context.restart();
    process_->context.run();
  }
  if (cancellation_.cancelled()) return interrupted();
  if (timed_out) return fail(ErrorCode::timed_out, "clickflow-mcp did not answer in time.", "See its log.");
  if (failure) {
    return fail(ErrorCode::lost, "clickflow-mcp ended: " + failure.message() + ".", "See its log.");
  }
  Json message = parse_json(process_->unread.substr(0, length));
  process_->unread.erase(0, length);
  if (message.is_object()) return message;
  return fail(ErrorCode::protocol, "clickflow-mcp wrote a line that is no message.", "See its log.");
}

Result<Json> Assistant::request(const std::string& method, const Json& params,
                                const OnNotification& on_notification) {
  const int id = ++last_id_;
  const auto deadline = std::chrono::steady_clock::now() + answer_limit;
  auto sent = send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  if (!sent) return tl::make_unexpected(sent.error());
  for (;;) {
    const auto message = receive(deadline);
    if (!message) return tl::make_unexpected(message.error());
    if (member(*message, "method").is_string()) {
      if (message->contains("id")) {  // a ping; the others need capabilities that we did not declare
        send({{"jsonrpc", "2.0"}, {"id", message->at("id")}, {"result", Json::object()}});
      } else if (on_notification) {
        on_notification(*message);
      }
      continue;
    }
    if (member(*message, "id") != id) {
      return fail(ErrorCode::protocol, "clickflow-mcp answered a question that was not asked.",
                  "See its log.");
    }
    if (message->contains("result")) return message->at("result");
    const Json words = member(member(*message, "error"), "message");
    return fail(ErrorCode::rejected, words.is_string() ? words.get<std::string>() : "An error without words.",
                "");
  }
}

Result<void> Assistant::notify(const std::string& method) {
  return send({{"jsonrpc", "2.0"}, {"method", method}});
}

Result<void> run_to_end(const Assistant::Launch& launch, const std::vector<std::string>& arguments) {
  std::error_code failure;
  bp::child child(bp::exe = launch.program.string(), bp::args = arguments,
                  make_environment(launch.environment), bp::std_in<bp::null, bp::std_out> launch.log.string(),
                  bp::std_err > bp::null, failure);
  if (failure) {
    return fail(ErrorCode::system, launch.program.string() + " can't be started: " + failure.message() + ".",
                "Build it, or say where it is with --bridge.");
  }
  const auto deadline = std::chrono::steady_clock::now() + answer_limit;
  std::error_code ignored;
  while (child.running(ignored)) {
    const bool cancelled = launch.cancellation.cancelled();
    if (cancelled || std::chrono::steady_clock::now() >= deadline) {
      child.terminate(ignored);
      if (cancelled) return interrupted();
      return fail(ErrorCode::timed_out, launch.program.filename().string() + " did not end in time.", "");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (child.exit_code() == 0) return {};
  return fail(
      ErrorCode::rejected,
      launch.program.filename().string() + " ended with status " + std::to_string(child.exit_code()) + ".",
      "");
}

std::filesystem::path program_beside(const std::filesystem::path& called, const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path found =
      called.has_parent_path() ? called : fs::path(bp::search_path(called.string()).string());
  return fs::absolute(found).parent_path() / (name + called.extension().string());
}

}  // namespace clickflow::sandbox
