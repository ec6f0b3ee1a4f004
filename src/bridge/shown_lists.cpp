#include "clickflow/bridge/shown_lists.h"

#include "clickflow/mcp/json.h"

namespace clickflow::bridge {

ShownLists::Asking::Asking(ShownLists& shown, mcp::List list) : shown_(shown), list_(list) {
  std::lock_guard lock(shown_.mutex_);
  ++shown_.shown_[static_cast<size_t>(list_)].asking;
}

ShownLists::Asking::~Asking() {
  std::lock_guard lock(shown_.mutex_);
  --shown_.shown_[static_cast<size_t>(list_)].asking;
}

bool ShownLists::is_asking(mcp::List list) const {
  std::lock_guard lock(mutex_);
  return shown_[static_cast<size_t>(list)].asking > 0;
}

bool ShownLists::is_provisional(mcp::List list) const {
  std::lock_guard lock(mutex_);
  const auto what = shown_[static_cast<size_t>(list)].what;
  return what == What::kept || what == What::refused;
}

bool ShownLists::is_refused(mcp::List list) const {
  std::lock_guard lock(mutex_);
  return shown_[static_cast<size_t>(list)].what == What::refused;
}

void ShownLists::was_kept(mcp::List list, std::string_view result) {
  set(list, What::kept, mcp::elements_of(list, result));
}

void ShownLists::was_live(mcp::List list) {
  set(list, What::live);
}

void ShownLists::was_refused(mcp::List list) {
  set(list, What::refused);
}

void ShownLists::set(mcp::List list, What what, std::string_view elements) {
  std::lock_guard lock(mutex_);
  auto& shown = shown_[static_cast<size_t>(list)];
  shown.what = what;
  shown.elements = elements;
}

bool ShownLists::is_outdated(mcp::List list, std::string_view result, bool knew_nothing) {
  const auto elements = mcp::elements_of(list, result);
  std::lock_guard lock(mutex_);
  auto& shown = shown_[static_cast<size_t>(list)];
  if (shown.asking > 0 || shown.what == What::live || shown.what == What::outdated) return false;
  const bool has_some = mcp::json::Elements(elements).next().has_value();
  const bool outdated = shown.what == What::kept      ? shown.elements != elements
                        : shown.what == What::refused ? true
                                                      : knew_nothing && has_some;
  shown.what = outdated ? What::outdated : What::live;
  shown.elements.clear();
  return outdated;
}

bool ShownLists::is_outdated(mcp::List list) {
  std::lock_guard lock(mutex_);
  auto& shown = shown_[static_cast<size_t>(list)];
  // What it has asked for since may be on its way already.
  if (shown.what == What::outdated && shown.asking == 0) return false;
  shown.what = What::outdated;
  shown.elements.clear();
  return true;
}

}  // namespace clickflow::bridge
