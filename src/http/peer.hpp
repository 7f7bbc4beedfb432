// Who owns the other end of a connection: the kernel's word, so that another user of the machine is
// refused even if a token leaked. Any thread.
#pragma once

#include "base/expected.hpp"

#include <sys/types.h>

#include <string>

namespace pep::http {

/// The user of a connected socket's peer: SO_PEERCRED for Unix sockets, NETLINK_SOCK_DIAG for TCP,
/// and /proc/net/tcp where sock_diag is not to be had. Fails when the peer is gone or not on this
/// machine.
Expected<uid_t> peer_user(int descriptor);

/// Whether a program still holds the other end of a connected socket. Also true when it will send
/// no more but may read on (RFC 9112, 9.6). Where the system does not tell, as without descriptors,
/// who sends no more counts as gone.
[[nodiscard]] bool peer_is_open(int descriptor);

/// The two ways for TCP, apart for tests.
Expected<uid_t> peer_user_by_sock_diag(int descriptor);
Expected<uid_t> peer_user_by_proc(int descriptor, const std::string& proc_net = "/proc/net");

/// Whether a daemon of user `self` serves that peer: itself only. Root is another user, too.
[[nodiscard]] constexpr bool is_same_user(uid_t peer, uid_t self) noexcept { return peer == self; }

} // namespace pep::http
