#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/message.h"
#include "require.h"

namespace mcp = clickflow::mcp;
namespace json = clickflow::mcp::json;

namespace {

// What the reader takes for valid, its parts must be, too; and a text is an object or an array to all or to
// none.
void check_parts(std::string_view text) {
  const bool valid = json::is_valid(text);
  json::Members members(text);
  while (const auto member = members.next()) {
    require(json::is_valid(member->key) && json::is_string(member->key) && json::is_valid(member->value));
    require(json::says(member->key, json::decode(member->key)));
  }
  json::Elements elements(text);
  while (const auto element = elements.next()) require(json::is_valid(*element));
  require(!(members.valid() && elements.valid()));
  if (members.valid() || elements.valid()) require(valid);
}

int depth_of(std::string_view text) {
  int deepest = 0;
  const auto note = [&](int depth, auto, const auto&) {
    deepest = std::max(deepest, depth);
    return true;
  };
  (void)nlohmann::json::parse(text, note);
  return deepest;
}

// The library takes what we take, but for what the reader's header says.
void check_agreement(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF")) return;
  const bool valid = json::is_valid(text);
  if (nlohmann::json::accept(text)) {
    if (!valid) require(depth_of(text) >= json::max_depth);
  } else if (valid) {
    try {
      (void)nlohmann::json::parse(text);
      require(false);
    } catch (const nlohmann::json::out_of_range&) {
      // a number that no double holds
    } catch (const nlohmann::json::parse_error& e) {
      require(std::string_view(e.what()).find("surrogate") != std::string_view::npos);
    }
  }
}

void check_message(const mcp::Message& message) {
  require(json::is_valid(message.text()));
  require(message.text().find('\n') == std::string::npos);
  for (auto part : {message.id(), message.params(), message.result(), message.error()})
    require(part.empty() || json::is_valid(part));
  require(message.is_response() == message.method().empty() || message.is_request());
  if (message.id().empty()) return;
  const std::string id(message.id());
  require(mcp::same_id(id, id));
  const auto answer = mcp::Message::parse(mcp::make_result(id, "{}"));
  require(answer && answer->id() == id);
  const auto other = message.with(message.id(), "\"another\"");
  require(other.id() == "\"another\"" && other.kind() == message.kind());
  require(mcp::id_key(id) != mcp::id_key("\"another\"") || json::says(id, "another"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_parts(text);
  check_agreement(text);
  require(json::decode(json::encode(text)).empty() == text.empty());
  if (mcp::looks_like_batch(text)) (void)mcp::split_batch(text);
  if (const auto message = mcp::Message::parse(text)) {
    check_message(*message);
  } else {
    require(message.error().id.empty() || json::is_valid(message.error().id));
    require(message.error().code != mcp::parse_error || !json::is_valid(text));
  }
  return 0;
}
