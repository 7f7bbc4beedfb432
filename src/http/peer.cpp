// NETLINK_SOCK_DIAG: an exact lookup of the client's socket takes microseconds and no privilege.
#include "http/peer.hpp"

#include "base/descriptor.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace pep::http {

namespace {

struct Address {
    sa_family_t family = AF_UNSPEC;
    in_port_t port = 0;                // network byte order
    std::array<std::uint32_t, 4> ip{}; // as in the packet
};

/// Of one connection. For the kernel they are two sockets, of which the client's is looked up.
struct Ends {
    Address client, ours;
};

/// Copied, for the storage must not be read as an object of another type.
Address to_address(const sockaddr_storage& storage) {
    Address address;
    address.family = storage.ss_family;
    if (storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        address.port = v4.sin_port;
        address.ip[0] = v4.sin_addr.s_addr;
    } else if (storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage, sizeof v6);
        address.port = v6.sin6_port;
        std::memcpy(address.ip.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    }
    return address;
}

/// ENOTCONN once the connection was reset: then there is no peer any more.
Expected<Ends> ends_of(int descriptor) {
    sockaddr_storage client{};
    sockaddr_storage ours{};
    socklen_t client_size = sizeof client;
    socklen_t our_size = sizeof ours;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&client), &client_size) != 0 ||
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&ours), &our_size) != 0) {
        return fail(errno, "the client is gone");
    }
    return Ends{to_address(client), to_address(ours)};
}

constexpr std::uint32_t sequence = 1; // each socket asks once

struct DiagRequest {
    nlmsghdr header{};
    inet_diag_req_v2 body{};
};

DiagRequest make_request(const Ends& ends) {
    DiagRequest request;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    // Without NLM_F_DUMP it is a look for one socket, and no walk over all.
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.header.nlmsg_seq = sequence;
    request.body.sdiag_family = static_cast<std::uint8_t>(ends.client.family);
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = ~std::uint32_t{0};
    inet_diag_sockid& id = request.body.id; // the client's socket: its source is the client
    id.idiag_sport = ends.client.port;
    id.idiag_dport = ends.ours.port;
    std::memcpy(id.idiag_src, ends.client.ip.data(), sizeof id.idiag_src);
    std::memcpy(id.idiag_dst, ends.ours.ip.data(), sizeof id.idiag_dst);
    // Any socket with these addresses: nobody told us its cookie.
    id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

Expected<uid_t> read_answer(const char* answer, std::size_t size) {
    nlmsghdr header{};
    if (size < sizeof header) {
        return fail(0, "sock_diag: short answer");
    }
    std::memcpy(&header, answer, sizeof header);
    if (header.nlmsg_type == NLMSG_ERROR && size >= NLMSG_LENGTH(sizeof(nlmsgerr))) {
        nlmsgerr refusal{};
        std::memcpy(&refusal, answer + NLMSG_HDRLEN, sizeof refusal);
        // ENOENT: there is no such socket, or no module that could tell.
        return fail(-refusal.error, "sock_diag: the kernel does not tell");
    }
    if (header.nlmsg_seq != sequence || header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        size < NLMSG_LENGTH(sizeof(inet_diag_msg))) {
        return fail(ENOENT, "sock_diag: the client's socket is not there");
    }
    inet_diag_msg message{};
    std::memcpy(&message, answer + NLMSG_HDRLEN, sizeof message);
    // Closed sockets have neither inode nor owner; the kernel then reports user 0.
    if (message.idiag_inode == 0) {
        return fail(ENOENT, "the client closed its socket");
    }
    return message.idiag_uid;
}

// One row of /proc/net/tcp: "sl local:port remote:port state … uid timeout inode", addresses as the
// 32-bit words in memory, ports in host order.
std::string proc_address(const Address& address) {
    std::string text;
    std::array<char, 16> part{};
    const std::size_t words = address.family == AF_INET ? 1 : 4;
    for (std::size_t i = 0; i < words; ++i) {
        std::snprintf(part.data(), part.size(), "%08X", address.ip[i]);
        text += part.data();
    }
    std::snprintf(part.data(), part.size(), ":%04X", unsigned{ntohs(address.port)});
    return text + part.data();
}

/// The address family, also of a socket without a peer.
Expected<int> domain_of(int descriptor) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) {
        return fail(errno, "not a socket");
    }
    return domain;
}

} // namespace

Expected<uid_t> peer_user_by_sock_diag(int descriptor) {
    const Expected<Ends> ends = ends_of(descriptor);
    if (!ends) {
        return tl::make_unexpected(ends.error());
    }
    if (ends->client.family != AF_INET && ends->client.family != AF_INET6) {
        return fail(EAFNOSUPPORT, "not a TCP socket");
    }
    // One for each look: a late answer cannot be taken for that to another question.
    const Descriptor netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (netlink.get() < 0) {
        return fail(errno, "no sock_diag socket");
    }
    // The loop thread waits here.
    const timeval patience{0, 200'000};
    ::setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const DiagRequest request = make_request(*ends);
    if (::sendto(
            netlink.get(),
            &request,
            sizeof request,
            0,
            reinterpret_cast<const sockaddr*>(&kernel),
            sizeof kernel
        ) < 0) {
        return fail(errno, "sock_diag: cannot ask");
    }
    std::array<char, 2048> answer{};
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size = ::recvfrom(
        netlink.get(),
        answer.data(),
        answer.size(),
        0,
        reinterpret_cast<sockaddr*>(&sender),
        &sender_size
    );
    if (size < 0 || sender.nl_pid != 0) { // only the kernel has port id 0
        return fail(errno, "sock_diag: no answer of the kernel");
    }
    return read_answer(answer.data(), static_cast<std::size_t>(size));
}

Expected<uid_t> peer_user_by_proc(int descriptor, const std::string& proc_net) {
    const Expected<Ends> ends = ends_of(descriptor);
    if (!ends) {
        return tl::make_unexpected(ends.error());
    }
    // A table that cannot be read has no rows: an unknown peer, who is refused.
    std::ifstream table(proc_net + (ends->client.family == AF_INET ? "/tcp" : "/tcp6"));
    const std::string client = proc_address(ends->client);
    const std::string ours = proc_address(ends->ours);
    for (std::string line; std::getline(table, line);) {
        std::istringstream row(line);
        std::string slot, local, remote, state, queues, timer, retransmits;
        uid_t user = 0;
        unsigned timeout = 0;
        unsigned long inode = 0;
        row >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
            timeout >> inode;
        // The client's row, in which our end is the remote one.
        if (row && local == client && remote == ours) {
            // As in read_answer(): no inode, no owner.
            if (inode == 0) {
                return fail(ENOENT, "the client closed its socket");
            }
            return user;
        }
    }
    return fail(ENOENT, "the client's socket is not in /proc/net");
}

Expected<uid_t> peer_user(int descriptor) {
    const auto domain = domain_of(descriptor);
    if (!domain) {
        return tl::make_unexpected(domain.error());
    }
    if (*domain == AF_UNIX) {
        // The user who connected, even if another process has the socket by now.
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
            return fail(errno, "the system does not tell the peer");
        }
        return peer.uid;
    }
    // Once it has told anything, a socket it does not find is gone; before that, the kernel may
    // lack the module, which it says in the same way.
    static std::atomic<bool> is_told_by_sock_diag{false};
    Expected<uid_t> user = peer_user_by_sock_diag(descriptor);
    if (user) {
        is_told_by_sock_diag = true;
        return user;
    }
    if (user.error().code == ENOENT && is_told_by_sock_diag) {
        return user;
    }
    if (user.error().code == EMFILE || user.error().code == ENFILE) {
        return user; // the table could not be opened either
    }
    return peer_user_by_proc(descriptor); // no sock_diag here, e.g. in a sandbox
}

// That the other side sends no more looks the same to TCP whether it reads on or not, and what
// stands in its queue may hide even that. But a socket that was closed has no owner any more.
bool peer_is_open(int descriptor) {
    const auto domain = domain_of(descriptor);
    // POLLRDHUP: the peer sends no more. That alone is no leaving.
    pollfd look{descriptor, POLLRDHUP, 0};
    if (!domain || ::poll(&look, 1, 0) < 0 || (look.revents & (POLLHUP | POLLERR)) != 0) {
        return false; // both directions are over, or it was reset
    }
    // There a closed peer is POLLHUP already.
    if (*domain == AF_UNIX) {
        return true;
    }
    const auto user = peer_user(descriptor);
    const bool is_closed = !user && (user.error().code == ENOENT || user.error().code == ENOTCONN);
    return user || (!is_closed && (look.revents & POLLRDHUP) == 0);
}

} // namespace pep::http
