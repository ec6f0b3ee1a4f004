#include "clickflow/bridge/change_streams.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using std::chrono::milliseconds;

constexpr auto agreement_limit = std::chrono::seconds(20);
// Each holds a connection and a thread.
constexpr size_t most_resources = 64;
constexpr auto first_pause = milliseconds(1000);
constexpr auto longest_pause = milliseconds(5 * 60 * 1000);
// A stream that has lasted this long was a good one, even if it had nothing to tell.
constexpr auto good_while = std::chrono::seconds(10);

bool is_agreement(const mcp::Message& message) {
  return message.method() == "notifications/subscriptions/acknowledged";
}

mcp::Message notification(std::string_view method, std::string_view params) {
  return mcp::Message::of(mcp::make_notification(method, params));
}

// Of what a server agreed to tell: that all of it may have changed.
std::vector<mcp::Message> missed(std::string_view agreed) {
  std::vector<mcp::Message> all;
  for (const auto& change : mcp::list_changes)
    if (json::member(agreed, change.entry) == "true") all.push_back(notification(change.method, "{}"));
  json::Elements uris(json::member(agreed, "resourceSubscriptions").value_or("[]"));
  while (const auto uri = uris.next())
    all.push_back(notification("notifications/resources/updated", R"({"uri":)" + std::string(*uri) + "}"));
  return all;
}

// Any other error may be a passing one, a gateway's for instance.
bool is_refusal(std::string_view error) {
  return mcp::is_error(error, mcp::method_not_found) || mcp::is_error(error, mcp::invalid_params) ||
         mcp::is_error(error, mcp::missing_client_capability);
}

}  // namespace

void ChangeStreams::run(const std::string& lists, remote::Receiver& receiver,
                        const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  const auto of_lists = std::make_shared<Stream>();
  std::unique_lock lock(mutex_);
  while (!cancellation.cancelled()) {
    bool all_begun =
        lists.empty() || start(*of_lists, [&] { hear(lists, receiver, of_lists->cancellation, nullptr); });
    for (auto& [uri, stream] : resources_)
      all_begun &= start(
          *stream, [this, uri = uri, &stream = *stream, &receiver] { hear_resource(uri, stream, receiver); });
    if (!left_.empty()) {
      end_left(lock);
    } else if (all_begun) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, first_pause);
    }
  }
  left_.push_back(of_lists);
  for (auto& [uri, stream] : resources_) left_.push_back(std::move(stream));
  resources_.clear();
  end_left(lock);
}

// A stream that is still only wanted. False if the system gives no thread for it: then it stays wanted.
bool ChangeStreams::start(Stream& stream, std::function<void()> hear_it) {
  if (stream.state != Stream::State::wanted) return true;
  try {
    stream.thread = std::thread(std::move(hear_it));
  } catch (const std::system_error& failure) {
    log::warn("the system gives no thread: {}", failure.what());
    return false;
  }
  stream.state = Stream::State::opening;
  return true;
}

void ChangeStreams::hear_resource(const std::string& uri, Stream& stream, remote::Receiver& receiver) {
  hear("{\"resourceSubscriptions\":[" + uri + "]}", receiver, stream.cancellation, [&](bool served) {
    std::lock_guard lock(mutex_);
    stream.state = served ? Stream::State::agreed : Stream::State::refused;
    const auto found = resources_.find(uri);
    // A server may keep a stream open on which it tells nothing.
    if (!served && found != resources_.end() && found->second.get() == &stream) leave(found);
    changed_.notify_all();
  });
}

void ChangeStreams::leave(Resources::iterator resource) {
  left_.push_back(std::move(resource->second));
  resources_.erase(resource);
  changed_.notify_all();
}

// What a stream calls at its end takes the lock.
void ChangeStreams::end_left(std::unique_lock<std::mutex>& lock) {
  const auto left = std::exchange(left_, {});
  lock.unlock();
  for (const auto& stream : left) stream->cancellation.cancel();
  for (const auto& stream : left)
    if (stream->thread.joinable()) stream->thread.join();
  lock.lock();
}

// Until it is cancelled, or the server says that it offers no such thing.
void ChangeStreams::hear(const std::string& filter, remote::Receiver& receiver,
                         const Cancellation& cancellation, const std::function<void(bool served)>& tell) {
  struct Notices : remote::Receiver {
    void on_message(mcp::Message message) override {
      if (message.is_response()) {
        error = message.error();
        return;
      }
      if (is_agreement(message)) {
        const auto agreed = message.param("notifications");
        return on_agreed(agreed.empty() ? "{}" : agreed);
      }
      brought_news = true;
      receiver->on_message(mcp::with_meta(message, mcp::meta::subscription_id, ""));
    }
    remote::Receiver* receiver = nullptr;
    std::function<void(std::string_view)> on_agreed;
    std::string error;
    bool brought_news = false;
  };

  auto pause = first_pause;
  bool may_have_missed = false;
  while (!cancellation.cancelled()) {
    std::string id = "\"clickflow-mcp/changes/";
    {
      std::lock_guard lock(mutex_);
      id += std::to_string(++streams_) + '"';
    }
    Notices notices;
    notices.receiver = &receiver;
    notices.on_agreed = [&](std::string_view agreed) {
      // What a server does not support it leaves out.
      const bool resource = json::member(filter, "resourceSubscriptions").has_value();
      const auto uris = json::member(agreed, "resourceSubscriptions");
      const bool served = !resource || (uris && json::Elements(*uris).next());
      if (tell) tell(served);
      if (std::exchange(may_have_missed, true))
        for (auto& change : missed(agreed)) receiver.on_message(std::move(change));
    };
    const auto request = mcp::Message::of(mcp::make_request(
        id, "subscriptions/listen", "{\"_meta\":" + meta_() + ",\"notifications\":" + filter + "}"));
    const auto began = std::chrono::steady_clock::now();
    const auto sent = remote_.send(request, notices, {cancellation, false, {}});
    if (!notices.error.empty()) log::debug("the server tells of no changes: {}", log::redact(notices.error));
    if (is_refusal(notices.error)) {
      if (tell) tell(false);
      return;
    }
    if (!sent && sent.error().code != ErrorCode::cancelled)
      log::debug("the server's changes: {}", sent.error().what);
    const bool lasted = std::chrono::steady_clock::now() - began >= good_while;
    if (may_have_missed && (notices.brought_news || lasted)) pause = first_pause;
    if (!cancellation.sleep(static_cast<int>(pause.count()))) return;
    pause = std::min(pause * 2, longest_pause);
  }
}

Result<void> ChangeStreams::subscribe(const std::string& uri, const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  auto found = resources_.find(uri);
  if (found == resources_.end()) {
    if (resources_.size() >= most_resources)
      return fail(ErrorCode::rejected, "More resources are subscribed to than this program can follow.",
                  "Unsubscribe from one first.");
    found = resources_.emplace(uri, std::make_shared<Stream>()).first;
    changed_.notify_all();
  }
  const auto stream = found->second;
  changed_.wait_for(lock, agreement_limit, [&] {
    return cancellation.cancelled() || stream->state == Stream::State::agreed ||
           stream->state == Stream::State::refused;
  });
  if (stream->state == Stream::State::agreed) return {};
  if (stream->state == Stream::State::refused)
    return fail(ErrorCode::rejected, "The server does not tell of changes to this resource.",
                "Read it again when you need it.");
  if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  return fail(ErrorCode::timed_out, "The server has not agreed to tell of changes to this resource.",
              "It is still being asked; read the resource again when you need it.");
}

void ChangeStreams::unsubscribe(const std::string& uri) {
  std::lock_guard lock(mutex_);
  if (const auto found = resources_.find(uri); found != resources_.end()) leave(found);
}

}  // namespace clickflow::bridge
