#include "clickflow/bridge/legacy_host_translator.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"
#include "modern_host/translation.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using std::chrono::milliseconds;

constexpr auto answer_limit = std::chrono::minutes(10);  // for a person
constexpr int most_rounds = 32;
// A server that asks for nothing wants to be asked again (2026-07-28, "Multi Round-Trip Requests").
constexpr auto first_poll = milliseconds(100);
constexpr auto longest_poll = milliseconds(5000);
constexpr int most_polls = 120;

// A server that does not say what it has may have all of it: the host will see.
constexpr std::string_view undiscovered =
    R"({"capabilities":{"tools":{},"prompts":{},"resources":{},"completions":{}}})";

constexpr std::string_view unknown_host = R"({"clientInfo":{"name":"unknown","version":"0"}})";

constexpr std::string_view agreed = R"({"action":"accept"})";

// Where a question sends the person; empty where it doesn't.
std::string link_of(const mcp::InputRequest& question) {
  const auto url = json::member(question.params, "url");
  return question.method == "elicitation/create" && url && json::is_string(*url) ? json::decode(*url) : "";
}

Error not_offered(const mcp::InputRequest& question) {
  return {ErrorCode::rejected,
          "The server needs " + log::redact(question.method) +
              " of the assistant, which does not offer it in this form.",
          "Use an assistant that does, or do without this tool."};
}

Error too_many_rounds() {
  return {ErrorCode::protocol, "The server keeps asking for input and does not come to an end.",
          "Look at the result in ClickFlow before you try again."};
}

Error not_discovered(std::string_view error) {
  return {
      ErrorCode::rejected, "The server does not say what it has: " + log::redact(mcp::words_of(error)) + ".",
      "If --protocol (CLICKFLOW_PROTOCOL) is set, leave it out: then the server is asked what it speaks."};
}

mcp::Message make_request(std::string_view id, std::string_view method, std::string_view params) {
  return mcp::Message::of(mcp::make_request(id, method, params));
}

std::string list_filter(std::string_view capabilities) {
  std::string filter;
  for (const auto& change : mcp::list_changes) {
    const auto declared = json::member(capabilities, change.feature);
    if (declared && json::member(*declared, "listChanged") == "true")
      filter = json::with_member(filter, change.entry, "true");
  }
  return filter;
}

}  // namespace

// One of the host's requests, through all its rounds.
struct LegacyHostTranslator::Conversation {
  const mcp::Message request;  // as the server gets it first
  int rounds = 0;
  int polls = 0;                     // since the last round
  std::set<std::string> links = {};  // that the person has agreed to open
};

LegacyHostTranslator::LegacyHostTranslator(remote::Remote& modern)
    : modern_(modern),
      questions_(answer_limit),
      changes_(modern, [this] { return meta(); }),
      meta_(meta_for(unknown_host)) {}

void LegacyHostTranslator::discovered(std::string discovery) {
  std::lock_guard lock(mutex_);
  discovery_ = std::move(discovery);
}

Result<void> LegacyHostTranslator::send(const mcp::Message& message, remote::Receiver& receiver,
                                        const auth::Occasion& occasion) {
  if (message.is_response()) {
    if (!questions_.answer(message)) log::debug("the host answered what nobody asked any more");
    return {};
  }
  const auto& method = message.method();
  if (!message.is_request()) {
    // A call is cancelled by closing its stream, and of the roots the server is told when it asks.
    log::debug("{} has no counterpart at the server", method);
    return {};
  }
  auto answer = [&](std::string_view result) {
    receiver.on_message(mcp::Message::of(mcp::make_result(message.id(), result)));
    return Result<void>{};
  };
  auto refuse = [&](mcp::ErrorNumber code, std::string_view words) {
    receiver.on_message(mcp::Message::of(mcp::make_error(message.id(), code, words)));
    return Result<void>{};
  };
  if (method == "initialize") return initialize(message, receiver, occasion);
  if (method == "ping") return answer("{}");
  if (method == "logging/setLevel") {
    // It goes with every later request, and a server may refuse them all for it.
    if (!modern_host::log_rank(message.param("level")))
      return refuse(mcp::invalid_params, "There is no such log level.");
    std::lock_guard lock(mutex_);
    log_level_ = message.param("level");
  } else if (method == "resources/subscribe") {
    if (auto begun = changes_.subscribe(std::string(message.param("uri")), occasion.cancellation); !begun)
      return begun;
  } else if (method == "resources/unsubscribe") {
    changes_.unsubscribe(std::string(message.param("uri")));
  } else if (method.starts_with("tasks/")) {
    return refuse(
        mcp::method_not_found,
        "The server speaks revision 2026-07-28, whose tasks are not those of this assistant's revision.");
  } else {
    return carry(message, receiver, occasion);
  }
  return answer("{}");
}

std::string LegacyHostTranslator::meta_for(std::string_view initialize_params) {
  const auto info = json::member(initialize_params, "clientInfo");
  const auto capabilities = json::member(initialize_params, "capabilities");
  std::string meta = "{" + json::encode(mcp::meta::revision) + ":" + json::encode(mcp::modern_revision);
  if (info && json::is_object(*info))
    meta.append(",").append(json::encode(mcp::meta::client_info)).append(":").append(*info);
  meta.append(",").append(json::encode(mcp::meta::client_capabilities)).append(":");
  // Tasks are of another form there.
  return meta + mcp::without_tasks(capabilities && json::is_object(*capabilities) ? *capabilities : "{}") +
         "}";
}

Result<void> LegacyHostTranslator::initialize(const mcp::Message& request, remote::Receiver& receiver,
                                              const auth::Occasion& occasion) {
  std::string discovery;
  {
    std::lock_guard lock(mutex_);
    meta_ = meta_for(request.params());
    log_level_.clear();
    discovery = std::exchange(discovery_, {});
  }
  if (discovery.empty()) {
    remote::Answer round(&receiver);
    const auto sent = modern_.send(
        make_request(own_id("discover"), "server/discover", "{\"_meta\":" + meta() + "}"), round, occasion);
    if (!sent) return sent;
    if (!round.response || !round.response->result().empty()) {
      discovery = round.response ? round.response->result() : undiscovered;
    } else if (mcp::is_error(round.response->error(), mcp::method_not_found)) {
      discovery = undiscovered;
    } else {
      return tl::make_unexpected(not_discovered(round.response->error()));
    }
  }
  const auto wanted = request.param("protocolVersion");
  std::string revision = json::is_string(wanted) ? json::decode(wanted) : "";
  if (mcp::era_of_revision(revision) != mcp::Era::legacy) revision = mcp::newest_legacy_revision;
  std::string result;
  {
    std::lock_guard lock(mutex_);
    server_ = mcp::ServerDescription::of(discovery);
    result = server_.initialize_result(revision, true);
  }
  receiver.on_message(mcp::Message::of(mcp::make_result(request.id(), result)));
  return {};
}

Result<void> LegacyHostTranslator::carry(const mcp::Message& request, remote::Receiver& receiver,
                                         const auth::Occasion& occasion) {
  std::string params(request.params());
  const std::string entries_text = meta();
  json::Members entries(entries_text);
  while (const auto entry = entries.next())
    params = mcp::with_meta(params, json::decode(entry->key), entry->value);
  Conversation conversation{mcp::with_params(request, params)};
  auto current = conversation.request;
  for (;;) {
    remote::Answer round(&receiver);
    if (auto sent = modern_.send(current, round, occasion); !sent) return sent;
    if (!round.response) return fail(ErrorCode::protocol, "The server gave no answer.", "Try again later.");
    if (!mcp::is_input_required(round.response->result())) {
      receiver.on_message(round.response->id() == request.id()
                              ? std::move(*round.response)
                              : round.response->with(round.response->id(), request.id()));
      return {};
    }
    auto next = next_request(conversation, *round.response, receiver, occasion);
    if (!next) return tl::make_unexpected(next.error());
    current = std::move(*next);
  }
}

// The same request once more, under another id, with what the server wants to know and the very state that it
// gave.
Result<mcp::Message> LegacyHostTranslator::next_request(Conversation& conversation, const mcp::Message& asked,
                                                        remote::Receiver& receiver,
                                                        const auth::Occasion& occasion) {
  std::string params(conversation.request.params());
  if (const auto state = json::member(asked.result(), "requestState"))
    params = json::with_member(params, "requestState", *state);
  const auto questions = mcp::input_requests_in(asked.result());
  const auto answers = answers_to(questions, conversation, receiver, occasion);
  if (!answers) return tl::make_unexpected(answers.error());
  if (!questions.empty()) params = json::with_member(params, "inputResponses", *answers);
  return make_request(own_id("round"), conversation.request.method(), params);
}

// As `inputResponses`. A link that the person has agreed to open is not shown again while the server waits
// for what happens there; a server that waits is asked again after a while.
Result<std::string> LegacyHostTranslator::answers_to(const std::vector<mcp::InputRequest>& questions,
                                                     Conversation& conversation, remote::Receiver& receiver,
                                                     const auth::Occasion& occasion) {
  const auto offered = capabilities();
  std::vector<mcp::InputRequest> open;
  for (const auto& question : questions) {
    if (!mcp::is_taken_by(offered, question.method, question.params))
      return tl::make_unexpected(not_offered(question));
    if (!conversation.links.contains(link_of(question))) open.push_back(question);
  }
  if (open.empty()) {
    if (++conversation.polls > most_polls) return tl::make_unexpected(too_many_rounds());
    const auto pause = std::min(first_poll * (1 << std::min(conversation.polls - 1, 10)), longest_poll);
    if (!occasion.cancellation.sleep(static_cast<int>(pause.count())))
      return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  } else {
    conversation.polls = 0;
    if (++conversation.rounds > most_rounds) return tl::make_unexpected(too_many_rounds());
  }
  const auto answers = questions_.ask(open, receiver, occasion.cancellation);
  if (!answers) return tl::make_unexpected(answers.error());
  const auto opened = conversation.links;  // before these answers
  std::string responses = "{";
  for (size_t i = 0, next = 0; i < questions.size(); ++i) {
    const std::string link = link_of(questions[i]);
    const std::string answer = opened.contains(link) ? std::string(agreed) : (*answers)[next++];
    if (!link.empty() && json::member(answer, "action") == R"("accept")") conversation.links.insert(link);
    responses += (i > 0 ? "," : "") + questions[i].key + ":" + answer;
  }
  return responses + "}";
}

void LegacyHostTranslator::listen(remote::Receiver& receiver, const Cancellation& cancellation) {
  std::string filter;
  {
    std::lock_guard lock(mutex_);
    filter = list_filter(server_.capabilities);
  }
  changes_.run(filter, receiver, cancellation);
}

std::string LegacyHostTranslator::meta() const {
  std::lock_guard lock(mutex_);
  return log_level_.empty() ? meta_ : json::with_member(meta_, mcp::meta::log_level, log_level_);
}

std::string LegacyHostTranslator::capabilities() const {
  std::lock_guard lock(mutex_);
  return std::string(json::member(meta_, mcp::meta::client_capabilities).value_or("{}"));
}

std::string LegacyHostTranslator::own_id(std::string_view purpose) {
  std::lock_guard lock(mutex_);
  return "\"clickflow-mcp/" + std::string(purpose) + "/" + std::to_string(++ids_) + "\"";
}

}  // namespace clickflow::bridge
