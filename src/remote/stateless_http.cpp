#include "clickflow/remote/stateless_http.h"

#include <utility>

#include "answer_reader.h"
#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/lists.h"
#include "clickflow/mcp/methods.h"
#include "clickflow/mcp/request_meta.h"
#include "exchange.h"
#include "parameter_headers.h"
#include "reconnecting.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

// A server whose cursors lead in a circle must not keep us for ever.
constexpr int most_pages = 200;

std::string tool_of(const mcp::Message& call) {
  const auto name = call.param("name");
  return json::is_string(name) ? json::decode(name) : std::string();
}

// Why a call failed whose tool could not be looked up before it.
Error not_sent(Error why) {
  if (why.code != ErrorCode::lost && why.code != ErrorCode::timed_out) return why;
  return {ErrorCode::unreachable,
          "The call was not sent, as its tool could not be looked up first. (" + why.what + ")", why.remedy};
}

// Keeps back the answer that says that our headers were not what the server wanted.
struct MismatchFilter : Receiver {
  explicit MismatchFilter(Receiver& the_next) : next(the_next) {}
  void on_message(mcp::Message said) override {
    if (said.is_response() && mcp::is_error(said.error(), mcp::header_mismatch)) {
      mismatch = std::move(said);
    } else {
      next.on_message(std::move(said));
    }
  }
  Receiver& next;
  std::optional<mcp::Message> mismatch;
};

}  // namespace

StatelessHttp::StatelessHttp(AuthorizedClient& http, StreamableHttpSettings settings)
    : http_(http),
      settings_(std::move(settings)),
      parameter_headers_(std::make_unique<ParameterHeaders>()),
      rests_(std::make_shared<Rests>()) {
  http_.wake_on_sign_in(rests_);
}

StatelessHttp::~StatelessHttp() = default;

Result<void> StatelessHttp::send(const mcp::Message& message, Receiver& receiver,
                                 const auth::Occasion& occasion) {
  if (!message.is_request()) {
    log::debug("{} is nothing to this server, and not sent",
               message.is_response() ? "a response" : log::redact(message.method()));
    return {};
  }
  // For a method there is no encoding, as there is for names.
  if (message.method().empty() || !http::is_valid_value(message.method())) {
    receiver.on_message(mcp::Message::of(
        mcp::make_error(message.id(), mcp::method_not_found,
                        "No header can hold the name of this method, so no server has it.")));
    return {};
  }
  if (message.method() == "subscriptions/listen") return subscribe(message, receiver, occasion);
  if (message.method() == "tools/call") return call_where_switched(message, receiver, occasion);
  return send_request(message, receiver, occasion);
}

void StatelessHttp::listen(Receiver&, const Cancellation&) {}

void StatelessHttp::close(std::chrono::milliseconds) {}

// A server of this era keeps a switch by itself; one that has come in the place of a server of the other era
// has not heard of it.
Result<void> StatelessHttp::call_where_switched(const mcp::Message& request, Receiver& receiver,
                                                const auth::Occasion& occasion) {
  const auto& last = settings_.last_switch;
  if (!last) return call_tool(request, receiver, occasion);
  if (last->is_one(request)) {
    Watched watched(receiver, [&](const mcp::Message& answer) {
      if (LastSwitch::has_succeeded(answer)) switched_ = last->note(request);
    });
    return call_tool(request, watched, occasion);
  }
  const auto needed = [&] {
    const unsigned wanted = last->made().number;
    return wanted != 0 && wanted != switched_;
  };
  if (needed()) {
    const auto made = switching_.run(occasion, needed, [&] { return switch_again(request, occasion); });
    if (!made) return made;
  }
  return call_tool(request, receiver, occasion);
}

Result<void> StatelessHttp::switch_again(const mcp::Message& call, const auth::Occasion& occasion) {
  const auto wanted = settings_.last_switch->made();
  const auto own = settings_.last_switch->again(wanted, next_id("switch"));
  Answer answer;
  const auto sent = call_tool(mcp::in_manner_of(call, own), answer, occasion);
  if (!answer.response || !LastSwitch::has_succeeded(*answer.response))
    return tl::make_unexpected(settings_.last_switch->not_made(wanted, sent));
  switched_ = wanted.number;
  return {};
}

Result<void> StatelessHttp::call_tool(const mcp::Message& request, Receiver& receiver,
                                      const auth::Occasion& occasion) {
  if (!parameter_headers_->of(tool_of(request))) {
    if (auto listed = list_tools(request, occasion); !listed)
      return tl::make_unexpected(not_sent(listed.error()));
  }
  MismatchFilter filter(receiver);
  auto sent = send_request(request, filter, occasion);
  if (!sent || !filter.mismatch) return sent;
  // A refused request did not run.
  log::info("the server wants other headers with a call; asking for its tools again");
  if (const auto listed = list_tools(request, occasion)) return send_request(request, receiver, occasion);
  if (occasion.cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  receiver.on_message(*std::move(filter.mismatch));
  return {};
}

// What the server refuses to say is not known then: the call itself finds out whether it matters.
Result<void> StatelessHttp::list_tools(const mcp::Message& call, const auth::Occasion& occasion) {
  std::string cursor;
  for (int page = 0; page < most_pages; ++page) {
    const std::string id = next_id("headers");
    const std::string params = cursor.empty() ? "{}" : R"({"cursor":)" + cursor + "}";
    const auto own = mcp::Message::of(mcp::make_request(id, "tools/list", params));
    Answer answer;
    if (auto sent = send_request(mcp::in_manner_of(call, own), answer, occasion); !sent) return sent;
    if (!answer.response || answer.response->result().empty()) return {};
    std::string next(mcp::next_cursor(answer.response->result()));
    if (next.empty() || next == cursor) return {};
    cursor = std::move(next);
  }
  return {};
}

Result<void> StatelessHttp::send_request(const mcp::Message& request, Receiver& receiver,
                                         const auth::Occasion& occasion) {
  std::string sent_as(request.id());
  for (bool repeated = false;; repeated = true) {
    AnswerReader reader(
        request, sent_as, [&](mcp::Message said) { receiver.on_message(std::move(said)); },
        [&](mcp::Message answer) {
          if (request.method() == "tools/list")
            answer = parameter_headers_->learn(request, std::move(answer));
          receiver.on_message(std::move(answer));
        });
    Reply reply(settings_.max_message, [&](const http::ResponseHead& head, mcp::Message said) {
      return reader.take(head, std::move(said));
    });
    const auto sent = http_.send(make_post(request, sent_as), reply, occasion);
    if (sent) reply.finish();
    if (reader.answered()) return {};
    if (reader.problem()) return tl::make_unexpected(*reader.problem());
    auto why = why_unanswered(request, sent, reply, settings_.endpoint, occasion.cancellation);
    const bool lost = why.code == ErrorCode::lost && (!sent || reply.ok());
    if (!lost || repeated || !mcp::may_repeat(request.method())) return tl::make_unexpected(std::move(why));
    sent_as = next_id("again");
  }
}

http::Request StatelessHttp::make_post(const mcp::Message& request, const std::string& sent_as) const {
  auto post =
      remote::make_post(settings_, sent_as == request.id() ? request : request.with(request.id(), sent_as));
  const bool calls_tool = request.method() == "tools/call";
  const auto parameters = calls_tool ? parameter_headers_->of(tool_of(request)) : std::nullopt;
  mirror(request, parameters.value_or(std::vector<ParameterHeader>()), post.headers);
  return post;
}

std::string StatelessHttp::next_id(std::string_view purpose) {
  return json::encode("clickflow-mcp/" + std::string(purpose) + "/" + std::to_string(++ids_));
}

}  // namespace clickflow::remote
