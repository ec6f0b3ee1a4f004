#include "clickflow/bridge/modern_host_translator.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"
#include "modern_host/legacy_call.h"
#include "modern_host/places.h"
#include "modern_host/question.h"
#include "modern_host/session_pool.h"
#include "modern_host/state_token.h"
#include "modern_host/suspended_calls.h"
#include "modern_host/translation.h"

namespace clickflow::bridge {

using namespace modern_host;
namespace json = mcp::json;

namespace {

// What a server says of itself may be another thing after its next start.
constexpr long long discovery_ttl_ms = 0;

tl::unexpected<Error> cancelled() {
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

std::string_view words_for(StateTokens::Flaw flaw) {
  switch (flaw) {
    case StateTokens::Flaw::forged:
      return "The requestState is none that was given out here.";
    case StateTokens::Flaw::expired:
      return "The requestState has expired: the request was given up, and whether it was carried out is not "
             "known.";
    case StateTokens::Flaw::of_another_request:
      return "The requestState belongs to another request: the method and the params must be the same.";
  }
  return "The requestState can't be used.";
}

// The sessions are ours, and shared: what a host sets in one holds for others.
bool is_of_a_session(std::string_view method) {
  return method == "logging/setLevel" || method == "resources/subscribe" || method == "resources/unsubscribe";
}

bool is_retry(const mcp::Message& request) {
  return mcp::may_ask_for_input(request.method()) &&
         !(request.param("requestState").empty() && request.param("inputResponses").empty());
}

bool are_input_responses(std::string_view responses) {
  if (responses.empty()) return true;
  if (!json::is_object(responses)) return false;
  json::Members members(responses);
  while (const auto member = members.next()) {
    if (!json::is_object(member->value)) return false;
  }
  return true;
}

// A request that no server may ask anything about.
struct PlainAnswers : remote::Receiver {
  using Respond = std::function<void(const mcp::Message& response)>;
  PlainAnswers(LegacySession& the_session, const HostRequest& the_host, Respond the_respond)
      : session(the_session), host(the_host), respond(std::move(the_respond)) {}
  void on_message(mcp::Message said) override {
    if (said.is_response()) {
      answered = true;
      respond(said);
    } else if (session.take(said)) {
      return;
    } else if (said.is_request()) {
      const auto refusal = refuse(host.capabilities(), question_of(said));
      session.refuse(said, refusal ? refusal->code : mcp::internal_error,
                     refusal ? refusal->what : "Nothing can be asked in the middle of this request.");
    } else if (said.method() != "notifications/cancelled" && !answered) {
      host.pass(std::move(said));
    }
  }
  LegacySession& session;
  const HostRequest& host;
  const Respond respond;
  bool answered = false;
};

}  // namespace

struct ModernHostTranslator::Parts {
  Parts(MakeSession make_session, Settings the_settings)
      : settings(the_settings),
        places(settings.most_calls),
        pool(std::move(make_session), settings),
        suspended(*settings.clock, settings.suspended_limit) {}

  Result<void> serve(const HostRequest& host);
  Result<void> carry(const HostRequest& host);
  Result<void> begin(const HostRequest& host, unsigned round);
  Result<void> resume(const HostRequest& host);
  Result<void> converse(const HostRequest& host, const std::shared_ptr<LegacyCall>& call, unsigned round);
  void respond(const HostRequest& host, const mcp::Message& response, unsigned round);
  std::string sealed(const HostRequest& host, const SuspendedCalls::Ticket& ticket) const;

  const Settings settings;
  const Cancellation closing;
  const StateTokens tokens;
  Places places;
  SessionPool pool;
  SuspendedCalls suspended;  // goes first: what it holds uses the others
};

ModernHostTranslator::ModernHostTranslator(MakeSession make_session, Settings settings)
    : parts_(std::make_unique<Parts>(std::move(make_session), settings)) {}

ModernHostTranslator::~ModernHostTranslator() {
  close(std::chrono::milliseconds(0));
}

Result<void> ModernHostTranslator::send(const mcp::Message& message, remote::Receiver& receiver,
                                        const auth::Occasion& occasion) {
  if (!message.is_request()) return {};
  auth::Occasion own = occasion;
  own.cancellation = Cancellation();
  const auto cancel = [&own] { own.cancellation.cancel(); };
  const Cancellation::Callback by_host(occasion.cancellation, cancel), by_end(parts_->closing, cancel);
  return parts_->serve(HostRequest(message, receiver, own));
}

void ModernHostTranslator::listen(remote::Receiver&, const Cancellation&) {}

void ModernHostTranslator::close(std::chrono::milliseconds limit) {
  parts_->closing.cancel();
  parts_->suspended.close();
  parts_->pool.close(limit);
}

Result<void> ModernHostTranslator::Parts::serve(const HostRequest& host) {
  const auto& request = host.request();
  if (request.method().starts_with("tasks/")) {
    host.error(mcp::method_not_found,
               "The server speaks an older revision of MCP, which has no " + request.method() + ".");
    return {};
  }
  if (is_of_a_session(request.method())) {
    host.error(mcp::method_not_found, "Revision 2026-07-28 of MCP has no " + request.method() + ".");
    return {};
  }
  if (!mcp::RequestMeta(request).log_level.empty() && !host.log_rank()) {
    host.error(mcp::invalid_params, "There is no such log level.");
    return {};
  }
  if (request.method() == "subscriptions/listen" && !json::is_object(request.param("notifications"))) {
    host.error(mcp::invalid_params, "subscriptions/listen needs notifications, which are an object.");
    return {};
  }
  if (is_retry(request)) return resume(host);
  if (mcp::may_ask_for_input(request.method())) return begin(host, 0);
  return carry(host);
}

Result<void> ModernHostTranslator::Parts::carry(const HostRequest& host) {
  const auto& request = host.request();
  auto lease = pool.lease(request, host.occasion());
  if (!lease) return tl::make_unexpected(lease.error());
  LegacySession& session = **lease;
  if (request.method() == "server/discover") {
    host.result(session.server().discover_result(discovery_ttl_ms, true));
    return {};
  }
  if (request.method() == "subscriptions/listen") {
    session.await_stream();  // before the host is told that it has begun
    return session.subscriptions().serve(
        host, session.server().capabilities, closing, [&](std::string_view method, const std::string& uri) {
          const bool begins = method == "resources/subscribe";
          return session.ask(method, R"({"uri":)" + uri + '}',
                             begins ? host.occasion() : session.own_occasion());
        });
  }
  const auto level = session.hold_log_level(host);
  const auto translated = legacy_request(request, session.new_id());
  PlainAnswers answers(session, host, [&](const mcp::Message& response) { respond(host, response, 0); });
  if (host.occasion().cancellation.cancelled()) return cancelled();
  const auto done = session.send(translated, answers, host.occasion());
  if (answers.answered) return {};
  if (!done && done.error().code == ErrorCode::cancelled) session.cancel(translated.id());
  return done;
}

Result<void> ModernHostTranslator::Parts::begin(const HostRequest& host, unsigned round) {
  auto place = places.take(settings.wait_limit, host.occasion().cancellation);
  if (!place && host.occasion().cancellation.cancelled()) return cancelled();
  if (!place) {
    return fail(ErrorCode::rejected, "Too many calls wait for answers; this one was not sent.",
                "Answer some of them, or try again later.");
  }
  auto lease = pool.lease(host.request(), host.occasion());
  if (!lease) return tl::make_unexpected(lease.error());
  const auto session = lease->shared();
  const auto call = std::make_shared<LegacyCall>(*std::move(lease), std::move(place), host);
  const auto level = session->hold_log_level(host);
  if (host.occasion().cancellation.cancelled()) return cancelled();
  call->start();
  return converse(host, call, round);
}

Result<void> ModernHostTranslator::Parts::resume(const HostRequest& host) {
  const auto& request = host.request();
  const auto refuse = [&](std::string_view why) -> Result<void> {
    host.error(mcp::invalid_params, why);
    return {};
  };
  const auto state = request.param("requestState");
  const auto responses = request.param("inputResponses");
  if (state.empty()) return refuse("inputResponses need the requestState of the answer that asked for them.");
  if (!are_input_responses(responses))
    return refuse("inputResponses must be an object, and each response one, too.");
  const auto token = tokens.open(json::is_string(state) ? json::decode(state) : "", request_digest(request),
                                 settings.clock->now());
  if (!token) return refuse(words_for(token.error()));
  const auto claimed = suspended.claim(token->number);
  if (!claimed) {
    return refuse(settings.clock->now() >= token->expires
                      ? words_for(StateTokens::Flaw::expired)
                      : "The requestState was used before: it goes on with a request once.");
  }
  if (!claimed->call) return begin(host, token->round);

  const auto& call = claimed->call;
  const auto level = call->session()->hold_log_level(host);
  if (host.occasion().cancellation.cancelled()) {
    call->end(LegacyCall::Farewell::cancel);
    return cancelled();
  }
  if (const auto answered = call->answer(responses, host); !answered) {
    call->end(LegacyCall::Farewell::cancel);
    return answered;
  }
  return converse(host, call, token->round);
}

Result<void> ModernHostTranslator::Parts::converse(const HostRequest& host,
                                                   const std::shared_ptr<LegacyCall>& call, unsigned round) {
  auto turn = call->converse(host, {settings.gather_time, round < settings.most_rounds});
  if (const auto* asks = std::get_if<LegacyCall::Asks>(&turn)) {
    const auto ticket = suspended.keep(call, round);
    host.result(mcp::make_input_required(asks->input_requests, sealed(host, ticket)));
    return {};
  }
  if (const auto* response = std::get_if<mcp::Message>(&turn)) {
    respond(host, *response, round);
    call->end(LegacyCall::Farewell::refuse);
    return {};
  }
  const auto& error = std::get<Error>(turn);
  const auto farewell =
      error.code == ErrorCode::cancelled ? LegacyCall::Farewell::cancel : LegacyCall::Farewell::refuse;
  call->end(closing.cancelled() ? LegacyCall::Farewell::silent : farewell);
  return tl::make_unexpected(error);
}

void ModernHostTranslator::Parts::respond(const HostRequest& host, const mcp::Message& response,
                                          unsigned round) {
  const auto links = response.error().empty() ? std::nullopt : required_links(response.error());
  if (!links) return host.respond(response);
  const std::string words = json::decode(json::member(response.error(), "message").value_or("\"\""));
  // A modern host must not meet the error that the server gave (2026-07-28, "Error Codes").
  if (!mcp::may_ask_for_input(host.request().method()) || links->empty())
    return host.error(mcp::internal_error, words);
  if (!takes_links(host.capabilities())) {
    return host.error(mcp::missing_client_capability, words,
                      R"({"requiredCapabilities":{"elicitation":{"url":{}}}})");
  }
  if (round >= settings.most_rounds) return host.error(mcp::internal_error, words);
  json::ObjectText inputs;
  for (size_t i = 0; i < links->size(); ++i)
    inputs.add("q" + std::to_string(i + 1), input_request((*links)[i]));
  // The server did not carry it out: the retry is a new call.
  host.result(mcp::make_input_required(inputs.text(), sealed(host, suspended.keep(nullptr, round))));
}

std::string ModernHostTranslator::Parts::sealed(const HostRequest& host,
                                                const SuspendedCalls::Ticket& ticket) const {
  return tokens.seal({ticket.number, ticket.round, ticket.expires}, request_digest(host.request()));
}

}  // namespace clickflow::bridge
