#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

/// JSON-RPC 2.0 messages as MCP has them (2025-11-25, "Messages"): the text stays as it came, and only its
/// envelope is read.
namespace clickflow::mcp {

enum ErrorNumber : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  /// 2026-07-28, "Error Codes".
  header_mismatch = -32020,
  missing_client_capability = -32021,
  unsupported_revision = -32022,
  /// Ours, from JSON-RPC's range for implementations: the bridge could not get an answer; `data.reason` says
  /// why.
  no_answer = -32000,
};

/// How deep a peer's message may be nested: other peers' parsers recurse.
constexpr int max_peer_depth = 512;

/// Why a text is no message, and the id to answer under where one could be had (as JSON; else empty).
struct Invalid {
  ErrorNumber code;
  std::string what;
  std::string id;
};

class Message {
 public:
  enum class Kind { request, notification, response };

  /// `text` is one JSON object. Line ends in its white space become spaces: the host's framing allows none.
  /// Refused are, beside what JSON-RPC forbids, two members of the envelope with one name: two readers could
  /// understand two things.
  static tl::expected<Message, Invalid> parse(std::string text);
  /// The same for what has come from outside: what is nested deeper than max_peer_depth is refused, so that
  /// what is made of its parts here stays readable (json::max_depth).
  static tl::expected<Message, Invalid> from_peer(std::string text);
  /// One of our own (make_request() and its like), or a peer's with other parts. Throws std::logic_error
  /// where a part of it was not valid JSON.
  static Message of(std::string text);

  Kind kind() const { return kind_; }
  bool is_request() const { return kind_ == Kind::request; }
  bool is_response() const { return kind_ == Kind::response; }

  /// The whole text, one line. Views of this object's text are valid until it is moved or destroyed.
  const std::string& text() const { return text_; }
  std::string_view id() const {
    return view(id_);
  }  ///< as JSON; empty for a notification and an error without id
  const std::string& method() const { return method_; }  ///< empty for a response
  std::string_view params() const { return view(params_); }
  std::string_view result() const { return view(result_); }  ///< of a response that is not an error
  std::string_view error() const { return view(error_); }

  /// The params' member of that name, as JSON; empty where there is none.
  std::string_view param(std::string_view name) const;

  /// The same message with another text in place of `part`, which is a view of text().
  Message with(std::string_view part, std::string_view replacement) const;

 private:
  static tl::expected<Message, Invalid> parse(std::string text, int max_depth);

  struct Span {
    size_t at = 0;
    size_t size = 0;
  };
  std::string_view view(Span span) const { return std::string_view(text_).substr(span.at, span.size); }

  std::string text_;
  Kind kind_ = Kind::notification;
  Span id_, params_, result_, error_;
  std::string method_;
};

/// The elements of a batch (2025-03-26, removed in 2025-06-18), or nothing if `text` is no valid array.
std::optional<std::vector<std::string>> split_batch(std::string_view text);
bool looks_like_batch(std::string_view text);

/// The id (JSON) of a request of whose text only the beginning and the end are there; empty where it can't be
/// had for certain, or where the text is no request's.
std::string id_of_request(std::string_view beginning, std::string_view end);

/// True if a peer that reads numbers as doubles, as JavaScript does, would take the two ids for one.
bool same_id(std::string_view a, std::string_view b);
/// One key for all spellings of an id ("a" and "\u0061"). (Ids that differ in nothing but which lone
/// surrogate they hold have one key, too.)
std::string id_key(std::string_view id);

/// True if `error`, an error object as JSON, has that code.
bool is_error(std::string_view error, ErrorNumber code);
/// What an error object says, without its full stop: for a sentence of ours. May be empty.
std::string words_of(std::string_view error);

/// The texts of messages of our own. `id`, `params` and `result` are JSON; empty `params` are left out, and
/// so is an empty `id`, as MCP's schema wants it.
std::string make_request(std::string_view id, std::string_view method, std::string_view params = {});
std::string make_notification(std::string_view method, std::string_view params = {});
std::string make_result(std::string_view id, std::string_view result);
/// The same for a result in pieces, so that a large one is copied once only.
std::string make_result(std::string_view id, std::initializer_list<std::string_view> pieces);
std::string make_error(std::string_view id, ErrorNumber code, std::string_view message,
                       std::string_view data = {});
/// `error` is the error object, as JSON.
std::string make_error_of(std::string_view id, std::string_view error);
/// A tool's answer that is an error for the model and the person to read (CallToolResult, `isError`).
std::string make_tool_error(std::string_view id, std::string_view text);

}  // namespace clickflow::mcp
