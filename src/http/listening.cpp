// Binding and listening, with the options that matter on loopback.
#include "http/listening.hpp"

#include "base/descriptor.hpp"
#include "http/socket_address.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

namespace pep::http {

namespace {

/// `error` is the errno of the call that failed.
tl::unexpected<Error> system_failure(const char* what, int error) {
    return fail(error, std::string(what) + ": " + std::generic_category().message(error));
}

/// The port that the system chose when 0 was asked for; 0 if it does not tell.
std::uint16_t port_of(int descriptor) {
    SocketAddress bound;
    bound.size = sizeof bound.storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
        return 0;
    }
    sockaddr_in v4{}; // the port is at the same place in both families
    std::memcpy(&v4, &bound.storage, sizeof v4);
    return ntohs(v4.sin_port);
}

// No SO_REUSEADDR: with it, another program could take the port as soon as we close it, while
// clients still hold our token.
Expected<int> listen_at(const SocketAddress& address) {
    Descriptor made(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    );
    if (made.get() < 0) {
        return system_failure("cannot make a socket", errno);
    }
    const int on = 1;
    if (address.storage.ss_family != AF_UNIX) { // accepted sockets inherit it
        ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    // "::1" is one address, whatever the system does with IPv4 by default.
    if (address.storage.ss_family == AF_INET6) {
        ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(made.get(), address.get(), address.size) != 0 ||
        ::listen(made.get(), SOMAXCONN) != 0) {
        return system_failure("cannot listen", errno);
    }
    return made.release();
}

} // namespace

Expected<ListeningSocket>
listen_on_loopback(const std::string& wanted, std::uint16_t start_port, std::uint16_t end_port) {
    const unsigned last = std::max(start_port, end_port);
    // Wider than a port: the loop must end behind 65535.
    for (unsigned port = start_port; port <= last; ++port) {
        Expected<SocketAddress> place = loopback_address(wanted, static_cast<std::uint16_t>(port));
        if (!place) {
            return fail(place);
        }
        Expected<int> made = listen_at(*place);
        if (made) {
            return ListeningSocket{*made, numeric_text(*place), port_of(*made)};
        }
        // Taken, or reserved for root: the next one may do.
        if (made.error().code != EADDRINUSE && made.error().code != EACCES) {
            return fail(made);
        }
    }
    const auto range = start_port == last ? "port " + std::to_string(last)
                                          : "every port from " + std::to_string(start_port) +
                                                " to " + std::to_string(last);
    return fail(EADDRINUSE, range + " is in use or reserved; choose others", wanted);
}

Expected<int> listen_on_path(const std::string& path) {
    SocketAddress place;
    sockaddr_un local{};
    // bind(2) would take a path that is cut off, and clients would look at another place.
    if (path.size() >= sizeof local.sun_path) {
        return fail(ENAMETOOLONG, "the path is too long for a Unix socket", path);
    }
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
    std::memcpy(&place.storage, &local, sizeof local);
    place.size = sizeof local;

    struct stat status {};

    if (::lstat(path.c_str(), &status) == 0) {
        // Only a socket of our own can be what a former server left.
        if (!S_ISSOCK(status.st_mode) || status.st_uid != ::geteuid()) {
            return fail(EEXIST, "something else is where the Unix socket should be", path);
        }
        // bind(2) refuses a name that is taken, though nobody listens there any more.
        ::unlink(path.c_str());
    }
    Expected<int> made = listen_at(place);
    // The umask decided so far; until now it was the private folder that kept others out.
    if (made && ::chmod(path.c_str(), 0600) != 0) {
        const int error = errno;
        ::close(*made);
        return system_failure("cannot make the Unix socket private", error);
    }
    return made;
}

Expected<std::string> adopt_listener(int descriptor) {
    int listening = 0;
    int type = 0;
    socklen_t size = sizeof listening;
    sockaddr_un local{};
    socklen_t local_size = sizeof local;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
        listening == 0 || ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_STREAM ||
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &local_size) != 0 ||
        local.sun_family != AF_UNIX) {
        return fail(EINVAL, "the passed descriptor is no listening Unix stream socket");
    }
    // Only now is it changed: who passed another descriptor gets it back as it was.
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
        return system_failure("the passed socket cannot be used", errno);
    }
    // A full name has no NUL at its end, an unnamed socket no name. An abstract one begins with
    // NUL, and so counts as unnamed.
    const auto path_size = local_size - offsetof(sockaddr_un, sun_path);
    return std::string(local.sun_path, ::strnlen(local.sun_path, path_size));
}

} // namespace pep::http
