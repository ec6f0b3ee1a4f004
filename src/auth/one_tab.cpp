#include "clickflow/auth/one_tab.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "clickflow/auth/browser.h"
#include "clickflow/base/file.h"
#include "clickflow/base/json.h"
#include "clickflow/base/log.h"
#include "clickflow/base/process.h"

namespace clickflow::auth {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr int version = 1;
constexpr auto look_interval = milliseconds(200);
// A keychain is slower to ask than a file, and may log every time.
constexpr auto ask_interval = milliseconds(2000);

int64_t unix_milliseconds() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What the file holds: one sign-in, under way or ended.
struct Entry {
  ProcessIdentity holder;
  int64_t begun = 0;  // with the holder it tells sign-ins apart
  std::string link;
  int64_t expires = 0;
  std::optional<SignInEnd> end;

  bool same_as(const Entry& other) const { return holder == other.holder && begun == other.begun; }
  bool shows_link() const {
    return !end && !link.empty() && unix_milliseconds() < expires && holder.is_running();
  }
};

std::string write_entry(const Entry& entry) {
  Json object = {{"version", version},   {"pid", entry.holder.id}, {"started", entry.holder.start},
                 {"begun", entry.begun}, {"link", entry.link},     {"expires", entry.expires}};
  if (entry.end) object["end"] = static_cast<int>(*entry.end);
  return to_text(object);
}

/// Nothing for a file that isn't there, or isn't ours to understand.
std::optional<Entry> read_entry(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  const Json object = parse_json(*text);
  if (!object.is_object() || object.value("version", Json()) != version) return std::nullopt;
  try {
    Entry entry;
    entry.holder = {object.at("pid"), object.at("started")};
    entry.begun = object.at("begun");
    entry.link = object.at("link");
    entry.expires = object.at("expires");
    if (object.contains("end")) {
      const int end = object.at("end");
      if (end < 0 || end > static_cast<int>(SignInEnd::failed)) return std::nullopt;
      entry.end = static_cast<SignInEnd>(end);
    }
    if (!entry.link.empty() && !check_browsable(entry.link)) return std::nullopt;
    return entry;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

struct OneTab::Turn::State {
  State(FileLock lock_, fs::path path_) : lock(std::move(lock_)), path(std::move(path_)) {
    entry.holder = ProcessIdentity::self();
    entry.begun = unix_milliseconds();
    save();
  }
  ~State() {
    if (entry.end) return;
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  void save() const {
    if (auto saved = write_file(path, write_entry(entry)); !saved) log::warn("{}", saved.error().message());
  }

  const FileLock lock;  // let go after the file is as the others shall find it
  const fs::path path;
  Entry entry;
};

OneTab::Turn::Turn(std::unique_ptr<State> state) : state_(std::move(state)) {}
OneTab::Turn::Turn(Turn&&) noexcept = default;
OneTab::Turn& OneTab::Turn::operator=(Turn&&) noexcept = default;
OneTab::Turn::~Turn() = default;

Result<void> OneTab::Turn::show(const std::string& link, std::chrono::seconds valid) {
  if (auto browsable = check_browsable(link); !browsable) return browsable;
  state_->entry.link = link;
  state_->entry.expires = unix_milliseconds() + milliseconds(valid).count();
  return write_file(state_->path, write_entry(state_->entry));
}

void OneTab::Turn::end(SignInEnd how) {
  state_->entry.link.clear();
  state_->entry.end = how;
  state_->save();
  state_.reset();  // and with it the lock: whoever keeps the turn must not keep the next sign-in waiting
}

OneTab::OneTab(const fs::path& folder, const std::string& name)
    : lock_path_(folder / (name + ".lock")), state_path_(folder / (name + ".json")) {}

std::optional<std::string> OneTab::link() const {
  const auto entry = read_entry(state_path_);
  if (!entry || !entry->shows_link()) return std::nullopt;
  return entry->link;
}

Result<OneTab::Outcome> OneTab::take_turn(const Waiting& waiting) const {
  const auto deadline = std::chrono::steady_clock::now() + waiting.limit;
  auto next_ask = std::chrono::steady_clock::now() + ask_interval;
  std::optional<Entry> seen;
  std::string shown;
  for (;;) {
    auto lock = FileLock::acquire(lock_path_, 0);
    if (!lock && lock.error().code != ErrorCode::timed_out) return tl::make_unexpected(lock.error());
    const auto entry = read_entry(state_path_);
    if (lock) {
      if (waiting.signed_in()) return Outcome(SignInEnd::signed_in);
      // The one that we waited for has ended, and its tab with it; another tab would be one too many.
      if (seen && entry && entry->end && entry->same_as(*seen)) return Outcome(*entry->end);
      return Outcome(Turn(std::make_unique<Turn::State>(std::move(*lock), state_path_)));
    }

    // An entry with an end, or of a process that is gone, is older than the lock that somebody has now.
    if (entry && !entry->end && entry->holder.is_running()) {
      seen = entry;
      if (entry->shows_link() && entry->link != shown) {
        shown = entry->link;
        if (waiting.on_link) waiting.on_link(shown);
      }
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_ask) {
      if (waiting.signed_in()) return Outcome(SignInEnd::signed_in);
      next_ask = now + ask_interval;
    }
    if (now >= deadline) return Outcome(OutOfTime{});
    const auto pause = std::min(look_interval, std::chrono::ceil<milliseconds>(deadline - now));
    if (!waiting.cancellation.sleep(static_cast<int>(pause.count()))) return Outcome(Cancelled{});
  }
}

}  // namespace clickflow::auth
