#include "clickflow/base/log.h"

#include <openssl/crypto.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "clickflow/base/control.h"
#include "stderr_sink.h"

namespace clickflow::log {
namespace {

constexpr size_t shortest_secret = 8;
// Each renewal of a sign-in brings four or so.
constexpr size_t most_secrets = 256;
constexpr size_t file_size = 5 * 1024 * 1024;
constexpr size_t old_files = 2;  // beside the one that is written to
constexpr std::string_view blot = "[hidden]";

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::shared_ptr<spdlog::logger> make_logger(std::vector<spdlog::sink_ptr> sinks) {
  auto logger = std::make_shared<spdlog::logger>("clickflow-mcp", sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %P %l %v");
  logger->set_level(spdlog::level::warn);
  logger->flush_on(spdlog::level::trace);  // a host may end us at any moment
  return logger;
}

// Never destroyed: a detached system thread may still log while the process ends.
struct State {
  std::shared_ptr<spdlog::logger> logger = make_logger({make_stderr_sink()});
  std::mutex mutex;
  std::list<std::string> secrets;  // the newest first
};

State& state() {
  static State* const instance = new State;
  return *instance;
}

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
         c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

// Blots out the run of at least `shortest` token characters that follows each `prefix`, whatever its case and
// however many spaces stand between them.
void hide_after(std::string& text, std::string_view prefix, size_t shortest) {
  auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  for (size_t from = 0;;) {
    auto found = std::search(text.begin() + from, text.end(), prefix.begin(), prefix.end(), same);
    if (found == text.end()) return;
    size_t start = found - text.begin() + prefix.size();
    while (prefix.back() == ' ' && start < text.size() && text[start] == ' ') ++start;
    size_t end = start;
    while (end < text.size() && is_token_char(text[end])) ++end;
    const bool hidden = end - start >= shortest;
    if (hidden) text.replace(start, end - start, blot);
    from = start + (hidden ? blot.size() : 0);
  }
}

void escape_controls(std::string& text) {
  std::string escaped;
  for (size_t at = 0; at < text.size(); ++at) {
    switch (control_size(text, at)) {
      case 0:
        escaped += text[at];
        break;
      case 1:
        escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        break;
      default:
        escaped += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++at]));
    }
  }
  text = std::move(escaped);
}

}  // namespace

std::optional<std::string> start(const Settings& settings) {
  std::vector<spdlog::sink_ptr> sinks{make_stderr_sink()};
  if (settings.stderr_level) sinks.front()->set_level(to_spdlog(*settings.stderr_level));
  std::optional<std::string> problem;
  if (settings.file) {
    try {
      spdlog::file_event_handlers handlers;
      handlers.after_open = [](const spdlog::filename_t& name, std::FILE*) {
        std::error_code ignored;
        std::filesystem::permissions(
            name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
      };
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          settings.file->string(), file_size, old_files, false, handlers));
    } catch (const spdlog::spdlog_ex& e) {
      problem = e.what();
    }
  }
  auto logger = make_logger(std::move(sinks));
  logger->set_level(to_spdlog(settings.level));
  state().logger = std::move(logger);
  return problem;
}

bool enabled(Level level) {
  return state().logger->should_log(to_spdlog(level));
}

std::string redact(std::string_view text) {
  std::string clean(text);
  {
    std::lock_guard lock(state().mutex);
    std::vector<std::string_view> secrets(state().secrets.begin(), state().secrets.end());
    // The longest first: one that begins with another must go as a whole.
    std::sort(secrets.begin(), secrets.end(), [](auto a, auto b) { return a.size() > b.size(); });
    for (const auto secret : secrets) {
      for (size_t at = clean.find(secret); at != std::string::npos;
           at = clean.find(secret, at + blot.size())) {
        clean.replace(at, secret.size(), blot);
      }
    }
  }
  for (std::string_view scheme : {"bearer ", "basic "}) hide_after(clean, scheme, 1);
  // What is shorter is no key, but a sentence about keys.
  hide_after(clean, "cf_ak_", shortest_secret);
  escape_controls(clean);
  return clean;
}

void hide(std::string_view secret) {
  if (secret.size() < shortest_secret) return;
  std::lock_guard lock(state().mutex);
  auto& secrets = state().secrets;
  const auto known = std::find(secrets.begin(), secrets.end(), secret);
  if (known != secrets.end()) return secrets.splice(secrets.begin(), secrets, known);
  secrets.emplace_front(secret);
  if (secrets.size() <= most_secrets) return;
  OPENSSL_cleanse(secrets.back().data(), secrets.back().size());
  secrets.pop_back();
}

void write(Level level, std::string_view text) {
  state().logger->log(to_spdlog(level), "{}", redact(text));
}

}  // namespace clickflow::log
