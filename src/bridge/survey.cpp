#include "clickflow/bridge/survey.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/deadline.h"
#include "clickflow/bridge/promise.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

// A server whose cursors lead in a circle must not keep us for ever, nor one whose list has no end.
constexpr int most_pages = 200;
constexpr size_t largest_list = 8 * 1024 * 1024;

std::string without_brackets(std::string_view array) {
  return std::string(array.substr(1, array.rfind(']') - 1));
}

}  // namespace

Result<mcp::Message> Survey::ask(std::string_view method, std::string_view params,
                                 const std::optional<mcp::Message>& manner, const auth::Occasion& occasion) {
  const std::string id = "\"clickflow-mcp/catalog/" + std::to_string(++requests_) + "\"";
  const auto own = mcp::Message::of(mcp::make_request(id, method, params));
  const Deadline deadline(settings_.limit, occasion.cancellation);
  remote::Answer answer(manner ? nullptr : &other_);
  const auto sent = remote_.send(manner ? mcp::in_manner_of(*manner, own) : own, answer,
                                 {deadline.cancellation(), occasion.interactive});
  if (!sent && deadline.passed())
    return fail(ErrorCode::timed_out, "The server did not answer " + std::string(method) + " in time.",
                "Try again later.");
  if (!sent) return tl::make_unexpected(sent.error());
  if (!answer.response) return fail(ErrorCode::protocol, "The server gave no answer.", "Try again later.");
  return std::move(*answer.response);
}

Result<void> Survey::describe(const mcp::Message& manner, const auth::Occasion& occasion) {
  const auto edition = known_.edition();
  const auto answer = ask("server/discover", "{}", manner, occasion);
  if (!answer) return tl::make_unexpected(answer.error());
  if (!answer->result().empty())
    known_.learn(mcp::Era::modern, settings_.server_era().value_or(mcp::Era::modern), answer->result(),
                 edition);
  return {};
}

// All pages as one list. A server that has no such method has an empty one.
Result<std::string> Survey::load(mcp::List list, const std::optional<mcp::Message>& manner,
                                 const auth::Occasion& occasion) {
  const auto& names = mcp::names_of(list);
  std::string first, elements, params = "{}";
  for (int page = 0; page < most_pages && elements.size() < largest_list; ++page) {
    const auto answer = ask(names.method, params, manner, occasion);
    if (!answer) return tl::make_unexpected(answer.error());
    if (denies_method(*answer)) return mcp::empty_list(list);
    const auto array = mcp::elements_of(list, answer->result());
    if (array.empty()) break;
    if (page == 0) first = answer->result();
    const auto more = without_brackets(array);
    if (json::Elements(array).next()) elements += (elements.empty() ? "" : ",") + more;
    const auto cursor = mcp::next_cursor(answer->result());
    if (cursor.empty() && page == 0) return first;
    if (cursor.empty())
      return json::with_member(json::without_member(first, "nextCursor"), names.member, "[" + elements + "]");
    params = "{\"cursor\":" + std::string(cursor) + "}";
  }
  return fail(ErrorCode::protocol, "The server's " + std::string(names.method) + " leads to no list.", "");
}

Result<void> Survey::run(Extent extent, const std::optional<mcp::Message>& manner, bool knew_nothing,
                         const std::function<void(std::string_view)>& tell, const auth::Occasion& occasion) {
  const auto host = manner ? mcp::Era::modern : mcp::Era::legacy;
  auto server = known_.description(host);
  if (manner && (!server || !server->heard)) {
    if (auto described = describe(*manner, occasion); !described) return described;
    server = known_.description(host);
  }
  std::set<std::string_view> changed;
  Result<void> all;
  for (const auto& names : mcp::lists) {
    if (shown_.is_asking(names.list)) continue;
    if (extent == Extent::provisional && !shown_.is_provisional(names.list)) continue;
    const auto stamp = known_.stamp(names.list);
    const bool heard = known_.has_heard(names.list);
    const bool lacks = server && server->heard && !are_enough_for(server->server.capabilities, names.method);
    // To ask again for what the server has not got would lead to the same error.
    if (lacks && shown_.is_refused(names.list)) continue;
    Result<std::string> result = heard   ? known_.list(names.list).value_or(mcp::empty_list(names.list))
                                 : lacks ? mcp::empty_list(names.list)
                                         : load(names.list, manner, occasion);
    if (!result && result.error().code == ErrorCode::protocol) {
      log::debug("{}", result.error().what);
      continue;
    }
    if (!result) {
      all = tl::make_unexpected(result.error());
      break;
    }
    if (!heard) known_.learn(names.list, host, *result, stamp);
    if (shown_.is_outdated(names.list, *result, knew_nothing)) changed.insert(names.change.method);
  }
  for (const auto method : changed) tell(method);
  return all;
}

}  // namespace clickflow::bridge
