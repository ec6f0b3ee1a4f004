#include "clickflow/mcp/request_meta.h"

#include <utility>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::mcp {

RequestMeta::RequestMeta(const Message& request) {
  json::Members members(meta_of(request.params()));
  while (const auto member = members.next()) {
    auto take = [&](std::string_view key, std::string_view& entry) {
      if (entry.empty() && json::says(member->key, key)) entry = member->value;
    };
    take(meta::revision, revision);
    take(meta::client_info, client_info);
    take(meta::client_capabilities, client_capabilities);
    take(meta::log_level, log_level);
    take(meta::progress_token, progress_token);
  }
}

std::string_view meta_of(std::string_view object) {
  return json::member(object, "_meta").value_or("");
}

std::string with_meta(std::string_view object, std::string_view key, std::string_view value) {
  const auto meta = meta_of(object);
  if (!value.empty()) return json::with_member(object, "_meta", json::with_member(meta, key, value));
  const std::string left = json::without_member(meta, key);
  return left.empty() || left == "{}" ? json::without_member(object, "_meta")
                                      : json::with_member(object, "_meta", left);
}

Message with_params(const Message& message, std::string_view params) {
  if (!message.params().empty()) return message.with(message.params(), params);
  return Message::of(json::with_member(message.text(), "params", params));
}

Message with_meta(const Message& message, std::string_view key, std::string_view value) {
  if (value.empty() && message.params().empty()) return message;
  return with_params(message, with_meta(message.params(), key, value));
}

Message in_manner_of(const Message& request, const Message& own) {
  const RequestMeta theirs(request);
  std::string params(own.params());
  for (const auto& [key, value] :
       {std::pair(meta::revision, theirs.revision), std::pair(meta::client_info, theirs.client_info),
        std::pair(meta::client_capabilities, theirs.client_capabilities)})
    if (!value.empty()) params = with_meta(params, key, value);
  return params == own.params() ? own : with_params(own, params);
}

}  // namespace clickflow::mcp
