#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "loopback_socket.h"

namespace clickflow::auth::loopback_socket {
namespace {

constexpr int backlog = 128;

int native(intptr_t handle) {
  return static_cast<int>(handle);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address loopback(Family family, uint16_t port) {
  Address address;
  if (family == Family::ipv4) {
    auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size = sizeof in;
  } else {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    in6.sin6_addr = in6addr_loopback;
    address.size = sizeof in6;
  }
  return address;
}

void make_private(int handle) {
  ::fcntl(handle, F_SETFD, FD_CLOEXEC);
  ::fcntl(handle, F_SETFL, O_NONBLOCK);
}

Failure reason(int number) {
  switch (number) {
    case EADDRINUSE:
      return Failure::in_use;
    case EACCES:
    case EPERM:
      return Failure::not_permitted;
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EADDRNOTAVAIL:
      return Failure::no_such_family;
    default:
      return Failure::other;
  }
}

uint16_t bound_port(int handle) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(handle, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                            : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
}

}  // namespace

tl::expected<Listening, Failure> listen(Family family, uint16_t port) {
  const int handle = ::socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  if (handle < 0) return tl::make_unexpected(reason(errno));
  make_private(handle);
  // A login right after another on the same port would otherwise fail for a minute (TIME_WAIT). It doesn't
  // let two processes listen on one port; SO_REUSEPORT would, and stays off.
  const int on = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const Address address = loopback(family, port);
  if (::bind(handle, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(handle, backlog) != 0) {
    const Failure failure = reason(errno);
    ::close(handle);
    return tl::make_unexpected(failure);
  }
  return Listening{handle, bound_port(handle)};
}

intptr_t accept(const Listening& listener, int milliseconds) {
  if (!wait_readable(listener.handle, milliseconds)) return -1;
  const int connection = ::accept(native(listener.handle), nullptr, nullptr);
  if (connection < 0) {
    ::poll(nullptr, 0,
           1);  // out of descriptors, perhaps: the connection goes on knocking, and we must not spin
    return -1;
  }
  const int on = 1;
  make_private(connection);
  ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

bool wait_readable(intptr_t connection, int milliseconds) {
  pollfd entry{native(connection), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) > 0;
}

long receive(intptr_t connection, char* buffer, size_t size) {
  return ::recv(native(connection), buffer, size, 0);
}

bool send_all(intptr_t connection, std::string_view text, int milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!text.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{native(connection), POLLOUT, 0};
    if (left <= 0 || (::poll(&entry, 1, static_cast<int>(left)) < 0 && errno != EINTR)) return false;
    const ssize_t count = ::send(native(connection), text.data(), text.size(), 0);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (count > 0) text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void end_sending(intptr_t connection) {
  ::shutdown(native(connection), SHUT_WR);
}

void close(intptr_t handle) {
  ::close(native(handle));
}

}  // namespace clickflow::auth::loopback_socket
