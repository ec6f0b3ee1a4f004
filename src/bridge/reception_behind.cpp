#include <algorithm>
#include <exception>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/reception.h"

namespace clickflow::bridge {
namespace {

// Nothing but a person can mend it.
bool waits_for_person(const Error& error) {
  switch (error.code) {
    case ErrorCode::unauthenticated:
    case ErrorCode::keychain_locked:
    case ErrorCode::keychain_absent:
    case ErrorCode::keychain_no_bus:
    case ErrorCode::keychain_refused:
      return true;
    default:
      return false;
  }
}

}  // namespace

// What later succeeds without the host's doing.
bool Reception::may_pass(const Error& error) const {
  if (error.code == ErrorCode::unauthenticated) return settings_.can_sign_in;
  return waits_for_person(error) || error.code == ErrorCode::unreachable ||
         error.code == ErrorCode::timed_out || error.code == ErrorCode::lost || error.code == ErrorCode::busy;
}

void Reception::plan(Item item, std::chrono::milliseconds from_now) {
  agenda_.plan(item, from_now);
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_planned_, true)) return;
  }
  // Not before there is something to do: a host that only looks who is there costs no thread.
  if (lane_.run([this] { keep_up(); })) return;
  std::lock_guard lock(mutex_);
  is_planned_ = false;
}

void Reception::keep_up() {
  {
    std::lock_guard lock(mutex_);
    is_keeping_up_ = true;
    news_changed_.notify_all();
  }
  while (const auto item = agenda_.next(ending_)) {
    try {
      perform(*item);
    } catch (const std::exception& failure) {
      log::warn("what is done behind is put off: {}", failure.what());
      plan(*item, settings_.longest_pause);
    }
  }
  known_.save();
}

void Reception::perform(Item item) {
  switch (item) {
    case Item::handshake:
      return do_handshake();
    case Item::comparison:
      return do_survey(Survey::Extent::provisional);
    case Item::survey:
      return do_survey(Survey::Extent::all);
    case Item::look:
      return look();
    case Item::save:
      return known_.save();
  }
}

void Reception::do_handshake() {
  if (!handshake_.owed()) return;
  const auto made = make_handshake({ending_, false});
  if (made) {
    pause_ = {};
    return;
  }
  const auto& why = made.error();
  if (why.code == ErrorCode::cancelled) return;
  log::info("the assistant is answered from here: {}", why.what);
  // The host's own requests try again in any case.
  if (!may_pass(why)) return;
  if (waits_for_person(why)) {
    note_credential();
    plan(Item::look, settings_.look_again);
    plan(Item::handshake, settings_.longest_pause);
  } else {
    pause_ = std::clamp(pause_ * 2, settings_.look_again, settings_.longest_pause);
    plan(Item::handshake, pause_);
  }
}

// What the host has been given is compared at once.
void Reception::plan_survey() {
  plan(Item::comparison);
  plan(Item::survey, settings_.survey_delay);
}

void Reception::do_survey(Survey::Extent extent) {
  std::optional<mcp::Message> manner;
  std::optional<Greeting> greeting;
  bool knew_nothing = false;
  unsigned lists_without_server = 0;
  {
    std::lock_guard lock(mutex_);
    lists_without_server = lists_without_server_;
    manner = manner_;
    greeting = greeting_;
    knew_nothing = knew_nothing_;
    if (!manner && promised_.empty()) return;
  }
  if (!manner && handshake_.owed()) return;
  note_sign_in();
  const auto edition = known_.edition();
  // Whoever has signed in since, the handshake is the same.
  if (greeting && greeting->edition != edition) on_handshake(greeting->initialize, greeting->result);
  const auto tell = [this](std::string_view method) {
    if (method == mcp::names_of(mcp::List::tools).change.method) set_offered(false);
    audience_.tell(method);
  };
  const auto done = survey_.run(extent, manner, knew_nothing, tell, {ending_, false});
  known_.save();
  if (done) {
    if (manner) heard_modern_ = true;
    if (extent != Survey::Extent::all) return;
    std::lock_guard lock(mutex_);
    // What was given meanwhile has to be compared as well.
    if (lists_without_server_ == lists_without_server) surveyed_ = edition;
    knew_nothing_ = false;
    return;
  }
  const auto& why = done.error();
  if (why.code == ErrorCode::cancelled) return;
  log::debug("the server's lists are not known yet: {}", why.what);
  if (waits_for_person(why)) {
    note_credential();
  } else if (may_pass(why)) {
    plan(Item::survey, settings_.longest_pause);
  }
}

// What has just failed would fail again: an attempt renews what can be renewed.
void Reception::note_credential() {
  auto credential = settings_.credential();
  std::lock_guard lock(mutex_);
  credential_ = std::move(credential);
}

// The person may sign in without the assistant, in a terminal or through another assistant.
void Reception::look() {
  const auto failure = handshake_.failure();
  const bool is_owed = handshake_.owed() && failure && waits_for_person(*failure);
  bool was_offered = false;
  {
    std::lock_guard lock(mutex_);
    was_offered = offered_;
    if (!is_owed && !was_offered && held_ == 0) return;
  }
  const auto credential = settings_.credential();
  bool is_another = false;
  {
    std::lock_guard lock(mutex_);
    is_another = std::exchange(credential_, credential) != credential;
  }
  if (is_another && !credential.empty()) {
    const bool owed = handshake_.owed();
    const auto edition = known_.edition();
    {
      std::lock_guard lock(mutex_);
      was_offered = std::exchange(offered_, false);
      if (was_offered && !owed) told_edition_ = edition;
      ++news_;
      news_changed_.notify_all();
    }
    if (owed) {
      plan(Item::handshake);
    } else if (was_offered) {
      for (const auto& names : mcp::lists) known_.changed(names.list);
      tell_tools_changed();
      plan_survey();
    }
  }
  plan(Item::look, settings_.look_again);
}

}  // namespace clickflow::bridge
