#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clickflow/bridge/agenda.h"
#include "clickflow/bridge/audience.h"
#include "clickflow/bridge/handshake.h"
#include "clickflow/bridge/known_server.h"
#include "clickflow/bridge/shown_lists.h"
#include "clickflow/bridge/survey.h"
#include "clickflow/bridge/workers.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Answers a host at once, whatever the server and the person are doing:
///
/// - `initialize` and `server/discover`, always, from what is known of the server, or with what can be kept
///   whatever it turns out to be; what it then lacks is stood in for;
/// - lists, from what is known, until the server has answered in this process; while nobody is signed in and
///   nothing is known, the list of tools holds one that signs in.
///
/// The handshake with the server is made behind, once the host has ended its own, or by the first request
/// that needs it. What the server then says of itself is kept, and the host is told of lists that are others
/// than it was given. A request whose id begins with "clickflow-mcp/" is the bridge's own: the host does not
/// get what is answered to it.
class Reception : public remote::Remote {
 public:
  struct Settings {
    /// Whether there is a way to sign in: an API key can't be helped by it.
    bool can_sign_in = false;
    /// Something that tells one credential from another; empty where there is none. Asked every `look_again`
    /// while something waits for another one.
    std::function<std::string()> credential = [] { return std::string(); };
    /// How the server speaks, where that is known by now.
    std::function<std::optional<mcp::Era>()> server_era = [] { return std::optional<mcp::Era>(); };
    /// The revision that every handshake is made in, where the person has fixed a legacy one.
    std::string revision = {};

    std::chrono::milliseconds look_again = std::chrono::seconds(2);
    /// How often a server that could not be reached is tried while nobody asks for anything, at least.
    std::chrono::milliseconds longest_pause = std::chrono::seconds(30);
    /// How long a list waits for a server that has not answered yet.
    std::chrono::milliseconds list_limit = std::chrono::seconds(10);
    /// After this the server is asked for lists that the host has not asked for by itself.
    std::chrono::milliseconds survey_delay = std::chrono::seconds(3);
  };

  /// Both outlive this object.
  Reception(remote::Remote& remote, KnownServer& known, Settings settings);
  ~Reception() override;

  bool can_sign_in() const { return settings_.can_sign_in; }

  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  /// Also tells the legacy host of changes that are found here.
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override;
  /// After close(). False if what is done behind has not ended by then: a system call doesn't return. The
  /// process must then end without destroying anything.
  [[nodiscard]] bool finish(std::chrono::steady_clock::time_point deadline);

 private:
  struct Greeting {
    mcp::Message initialize;
    std::string result;
    unsigned edition;  // that it was learnt for
  };
  enum class Item { handshake, comparison, survey, look, save };

  Result<void> greet(const mcp::Message& initialize, remote::Receiver& receiver);
  Result<void> describe(const mcp::Message& discover, remote::Receiver& receiver);
  Result<void> send_other(const mcp::Message& message, remote::Receiver& receiver,
                          const auth::Occasion& occasion);
  Result<void> sign_in(const mcp::Message& call, remote::Receiver& receiver, const auth::Occasion& occasion);
  Result<void> carry(const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion& occasion);

  // Lists.
  Result<void> give_list(mcp::List list, const mcp::Message& request, remote::Receiver& receiver,
                         const auth::Occasion& occasion);
  Result<void> give_live_list(mcp::List list, const mcp::Message& request, remote::Receiver& receiver,
                              const auth::Occasion& occasion);
  Result<void> give_without_server(mcp::List list, const mcp::Message& request, remote::Receiver& receiver,
                                   const auth::Occasion& occasion, const Error& why);
  Result<void> give(const mcp::Message& request, remote::Receiver& receiver, std::string_view result,
                    long long rest_ms);
  bool has_answered(mcp::Era host) const;

  // A modern host's subscriptions.
  Result<void> subscribe(const mcp::Message& request, remote::Receiver& receiver,
                         const auth::Occasion& occasion);
  bool wait_for_news(unsigned seen, const Cancellation& cancellation);

  // What is done behind, in a thread of its own.
  void plan(Item item, std::chrono::milliseconds from_now = {});
  void keep_up();
  void perform(Item item);
  void do_handshake();
  void plan_survey();
  void do_survey(Survey::Extent extent);
  void look();
  void note_credential();

  mcp::ServerDescription promise(const std::optional<KnownServer::Description>& known);
  std::optional<mcp::Message> stand_in(const mcp::Message& request);
  Result<void> make_handshake(const auth::Occasion& occasion);
  void on_handshake(const mcp::Message& initialize, std::string_view result);
  void heard(const mcp::Message& request);
  void note_sign_in();
  void tell_tools_changed();
  void set_offered(bool offered);
  bool may_pass(const Error& error) const;

  remote::Remote& remote_;
  KnownServer& known_;
  const Settings settings_;
  ShownLists shown_;
  Audience audience_;
  const std::unique_ptr<remote::Receiver> unasked_;
  Handshake handshake_;
  Survey survey_;

  std::mutex mutex_;
  std::condition_variable news_changed_;
  std::string promised_;                // the capabilities that the host was told of; empty before
  bool knew_nothing_ = false;           // when they were
  bool offered_ = false;                // the host has been shown the tool that signs in, and no others since
  int held_ = 0;                        // subscriptions that wait for the server
  unsigned news_ = 0;                   // counts requests that got through, and sign-ins
  std::string credential_;              // that something has failed with, or that was there at the last look
  std::optional<mcp::Message> manner_;  // a modern host's last, as Survey::run() takes it
  std::optional<unsigned> surveyed_;    // the edition
  unsigned lists_without_server_ = 0;   // that the host was given, or refused
  unsigned told_edition_;               // the host knows that its tools may be others since
  std::optional<Greeting> greeting_;    // the last handshake
  bool is_planned_ = false;             // something behind, and the thread for it is coming
  bool is_keeping_up_ = false;          // it is there
  std::atomic<bool> heard_modern_ = false;

  std::chrono::milliseconds pause_{0};  // before the next handshake; what is done behind only

  const Cancellation ending_;
  Agenda<Item> agenda_;
  Workers lane_;
};

}  // namespace clickflow::bridge
