#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Who hears that a list has changed: the legacy host, and a modern one by its subscriptions, each in its
/// manner. Any thread.
class Audience {
 public:
  /// Stands in the audience from begin() for as long as it lives; its receiver is not called after that.
  class Member {
   public:
    /// Hears everything, untagged.
    Member(Audience& audience, remote::Receiver& receiver);
    /// Hears what is in its filter (the params' `notifications`, as JSON), tagged with its id (JSON).
    Member(Audience& audience, remote::Receiver& receiver, std::string_view subscription,
           std::string_view filter);
    /// Waits until nobody is telling it anything.
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// From now on it is told.
    void begin();
    /// The part of the filter that is about lists, as JSON.
    std::string list_filter() const;
    /// Tells just this one that every list in its filter has changed.
    void tell_all();

   private:
    friend class Audience;
    struct State;
    Audience& audience_;
    const std::shared_ptr<State> state_;
  };

  /// Tells everybody who wants to hear it, or else the next one who does. `method` is that of a list's
  /// notification.
  void tell(std::string_view method);
  /// Hands a message to the legacy host, if there is one.
  void pass(const mcp::Message& message);

 private:
  std::vector<std::shared_ptr<Member::State>> enter(std::string_view method = {});
  void leave(const std::vector<std::shared_ptr<Member::State>>& members);

  std::mutex mutex_;
  std::condition_variable left_;
  std::vector<std::shared_ptr<Member::State>> members_;
  std::set<std::string, std::less<>> untold_;  // methods
};

}  // namespace clickflow::bridge
