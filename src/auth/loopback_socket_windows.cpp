#include <winsock2.h>
#include <ws2tcpip.h>

#include <chrono>

#include "loopback_socket.h"

namespace clickflow::auth::loopback_socket {
namespace {

constexpr int backlog = 128;

SOCKET native(intptr_t handle) {
  return static_cast<SOCKET>(handle);
}

struct Address {
  sockaddr_storage storage{};
  int size = 0;
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

Failure reason(int number) {
  switch (number) {
    case WSAEADDRINUSE:
      return Failure::in_use;
    case WSAEACCES:  // also where another process holds the port exclusively, or the system has reserved it
      return Failure::in_use;
    case WSAEAFNOSUPPORT:
    case WSAEPROTONOSUPPORT:
    case WSAEADDRNOTAVAIL:
      return Failure::no_such_family;
    default:
      return Failure::other;
  }
}

uint16_t bound_port(SOCKET handle) {
  sockaddr_storage storage{};
  int size = sizeof storage;
  if (::getsockname(handle, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                            : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
}

void set(SOCKET handle, int level, int name) {
  const DWORD on = 1;
  ::setsockopt(handle, level, name, reinterpret_cast<const char*>(&on), sizeof on);
}

void make_non_blocking(SOCKET handle) {
  u_long on = 1;
  ::ioctlsocket(handle, FIONBIO, &on);
}

}  // namespace

tl::expected<Listening, Failure> listen(Family family, uint16_t port) {
  const SOCKET handle = ::WSASocketW(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP,
                                     nullptr, 0, WSA_FLAG_NO_HANDLE_INHERIT | WSA_FLAG_OVERLAPPED);
  if (handle == INVALID_SOCKET) return tl::make_unexpected(reason(::WSAGetLastError()));
  make_non_blocking(handle);
  // Here SO_REUSEADDR would let any process take over a port that is in use; this is what prevents it.
  set(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE);
  const Address address = loopback(family, port);
  if (::bind(handle, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(handle, backlog) != 0) {
    const Failure failure = reason(::WSAGetLastError());
    ::closesocket(handle);
    return tl::make_unexpected(failure);
  }
  return Listening{static_cast<intptr_t>(handle), bound_port(handle)};
}

intptr_t accept(const Listening& listener, int milliseconds) {
  if (!wait_readable(listener.handle, milliseconds)) return -1;
  const SOCKET connection = ::WSAAccept(native(listener.handle), nullptr, nullptr, nullptr, 0);
  if (connection == INVALID_SOCKET) {
    ::Sleep(1);  // out of buffers, perhaps: the connection goes on knocking, and we must not spin
    return -1;
  }
  set(connection, IPPROTO_TCP, TCP_NODELAY);
  make_non_blocking(connection);
  return static_cast<intptr_t>(connection);
}

bool wait_readable(intptr_t connection, int milliseconds) {
  WSAPOLLFD entry{native(connection), POLLRDNORM, 0};
  return ::WSAPoll(&entry, 1, milliseconds) > 0;
}

long receive(intptr_t connection, char* buffer, size_t size) {
  return ::recv(native(connection), buffer, static_cast<int>(size), 0);
}

bool send_all(intptr_t connection, std::string_view text, int milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!text.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    WSAPOLLFD entry{native(connection), POLLWRNORM, 0};
    if (left <= 0 || ::WSAPoll(&entry, 1, static_cast<int>(left)) < 0) return false;
    const int count = ::send(native(connection), text.data(), static_cast<int>(text.size()), 0);
    if (count < 0 && ::WSAGetLastError() != WSAEWOULDBLOCK) return false;
    if (count > 0) text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void end_sending(intptr_t connection) {
  ::shutdown(native(connection), SD_SEND);
}

void close(intptr_t handle) {
  ::closesocket(native(handle));
}

}  // namespace clickflow::auth::loopback_socket
