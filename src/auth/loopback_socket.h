#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

/// The few socket calls that the callback server makes itself: cpp-httplib doesn't tell why a port could not
/// be had, gives up listening at the first failed accept(), and limits the time of each read but not of a
/// whole request. Every socket is non-blocking: whatever waits here says for how long.
namespace clickflow::auth::loopback_socket {

enum class Family { ipv4, ipv6 };

struct Listening {
  intptr_t handle;
  uint16_t port;
};

enum class Failure {
  no_such_family,  ///< this machine has no 127.0.0.1, or no ::1
  in_use,
  not_permitted,  ///< a port that only an administrator may take
  other,
};

/// Listens on 127.0.0.1 or ::1; port 0 takes a free one. While the socket is open no other process can listen
/// on the same port, whatever it sets on its own socket. Not inherited by children.
tl::expected<Listening, Failure> listen(Family family, uint16_t port);

/// The next connection, or -1 if none came within the time. Not inherited by children; sends at once.
intptr_t accept(const Listening& listener, int milliseconds);

/// Whether there is something to read (the end included) within the time.
bool wait_readable(intptr_t connection, int milliseconds);

/// What is there, 0 at the end, negative for a failure.
long receive(intptr_t connection, char* buffer, size_t size);

/// Everything within the time, or false.
bool send_all(intptr_t connection, std::string_view text, int milliseconds);

/// Says that nothing more will be sent.
void end_sending(intptr_t connection);

void close(intptr_t handle);

}  // namespace clickflow::auth::loopback_socket
