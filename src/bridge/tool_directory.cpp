#include "clickflow/bridge/tool_directory.h"

#include <algorithm>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/lists.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

// A server whose cursors lead in a circle must not keep us for ever.
constexpr int most_pages = 200;

std::string_view name_of(std::string_view tool) {
  const auto name = json::member(tool, "name");
  return name && json::is_string(*name) ? *name : std::string_view();
}

std::vector<std::string> names_in(std::string_view result) {
  std::vector<std::string> names;
  json::Elements tools(json::member(result, "tools").value_or("[]"));
  while (const auto tool = tools.next()) {
    if (const auto name = name_of(*tool); !name.empty()) names.push_back(json::decode(name));
  }
  return names;
}

// The text of the message with the tools of the list filtered and renamed, everything else byte for byte.
std::string rewritten(const mcp::Message& answer, const Policy& policy, const mcp::ToolNames* names) {
  const std::string_view text = answer.text();
  const auto list = *json::member(answer.result(), "tools");
  std::string out(text.substr(0, static_cast<size_t>(list.data() - text.data())));
  out.reserve(text.size() + 256);
  out += '[';
  bool first = true;
  json::Elements tools(list);
  while (const auto tool = tools.next()) {
    const auto name = name_of(*tool);
    const std::string real = name.empty() ? std::string() : json::decode(name);
    if (!name.empty() && !policy.shows(real)) continue;
    if (!std::exchange(first, false)) out += ',';
    const std::string shown = names && !name.empty() ? names->shown(real) : real;
    if (shown == real) {
      out += *tool;
    } else {
      const auto at = static_cast<size_t>(name.data() - tool->data());
      out.append(tool->substr(0, at)).append(json::encode(shown)).append(tool->substr(at + name.size()));
    }
  }
  out += ']';
  out += text.substr(static_cast<size_t>(list.data() + list.size() - text.data()));
  return out;
}

}  // namespace

ToolDirectory::ToolDirectory(remote::Remote& remote, remote::Receiver& other, const Policy& policy,
                             bool safe_names)
    : remote_(remote), other_(other), policy_(policy), safe_names_(safe_names) {}

Result<mcp::Message> ToolDirectory::shown(const mcp::Message& request, mcp::Message answer, Stamp asked,
                                          const auth::Occasion& occasion) {
  const auto names = names_in(answer.result());
  const bool hides =
      std::any_of(names.begin(), names.end(), [&](const auto& name) { return !policy_.shows(name); });
  Names shown_names;
  if (safe_names_) {
    const bool whole = request.param("cursor").empty() && mcp::next_cursor(answer.result()).empty();
    const bool unsafe = std::any_of(names.begin(), names.end(),
                                    [](const auto& name) { return !mcp::is_safe_tool_name(name); });
    const bool signed_out = names.size() == 1 && names.front() == policy_.exempt;
    if (signed_out) {
      // Not the server's list: the real names are still to be learnt.
    } else if (whole) {
      shown_names = std::make_shared<const mcp::ToolNames>(names);
      keep(shown_names, asked);
    } else if (unsafe || known()) {
      // Whether a name is taken can only be said when all pages are known.
      auto all_known = [&] {
        return std::all_of(names.begin(), names.end(),
                           [&](const auto& name) { return shown_names->knows(name); });
      };
      shown_names = known();
      if (!shown_names || !all_known()) {
        auto loaded = load(request, occasion);
        if (!loaded) return tl::make_unexpected(loaded.error());
        shown_names = *loaded;
      }
    }
  }
  const bool renames = shown_names && std::any_of(names.begin(), names.end(), [&](const auto& name) {
                         return shown_names->shown(name) != name;
                       });
  if (!hides && !renames) return answer;
  return mcp::Message::of(rewritten(answer, policy_, shown_names.get()));
}

Result<std::string> ToolDirectory::real_name(const std::string& name, const mcp::Message& request,
                                             const auth::Occasion& occasion) {
  // A name that no host would be shown is the server's own.
  if (!safe_names_ || !mcp::is_safe_tool_name(name)) return name;
  auto names = known();
  if (!names) {
    auto loaded = load(request, occasion);
    if (!loaded) return tl::make_unexpected(loaded.error());
    names = *loaded;
  }
  return names->real(name);
}

void ToolDirectory::forget() {
  std::lock_guard lock(mutex_);
  names_.reset();
  ++changes_;
}

ToolDirectory::Stamp ToolDirectory::stamp() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

void ToolDirectory::keep(const Names& names, Stamp asked) {
  std::lock_guard lock(mutex_);
  if (asked == changes_) names_ = names;
}

ToolDirectory::Names ToolDirectory::known() const {
  std::lock_guard lock(mutex_);
  return names_;
}

Result<ToolDirectory::Names> ToolDirectory::load(const mcp::Message& request,
                                                 const auth::Occasion& occasion) {
  const auto asked = stamp();
  std::vector<std::string> names;
  std::string cursor;
  for (int page = 0; page < most_pages; ++page) {
    unsigned number = 0;
    {
      std::lock_guard lock(mutex_);
      number = ++requests_;
    }
    const std::string params = cursor.empty() ? "{}" : "{\"cursor\":" + cursor + "}";
    const std::string id = "\"clickflow-mcp/tools/" + std::to_string(number) + "\"";
    const auto own = mcp::Message::of(mcp::make_request(id, "tools/list", params));
    remote::Answer answer(&other_);
    if (auto sent = remote_.send(mcp::in_manner_of(request, own), answer, occasion); !sent)
      return tl::make_unexpected(sent.error());
    if (!answer.response) break;
    if (answer.response->result().empty()) {
      if (mcp::is_error(answer.response->error(), mcp::method_not_found)) break;  // a server without tools
      // With a part of the names a call could go to another tool than was meant.
      return fail(ErrorCode::rejected, "The server did not say which tools it has, so the call was not sent.",
                  "Try again later.");
    }
    for (auto& name : names_in(answer.response->result())) names.push_back(std::move(name));
    std::string next(mcp::next_cursor(answer.response->result()));
    if (next.empty() || next == cursor) break;
    cursor = std::move(next);
  }
  auto loaded = std::make_shared<const mcp::ToolNames>(std::move(names));
  keep(loaded, asked);
  return loaded;
}

}  // namespace clickflow::bridge
