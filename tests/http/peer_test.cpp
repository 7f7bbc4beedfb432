// Who owns the other end: the kernel's answer for real sockets.
#include "http/peer.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace pep::http {
namespace {

// A connected pair over loopback; `ours` is the accepted end.
struct Pair {
    explicit Pair(int family) {
        const int listener = ::socket(family, SOCK_STREAM, 0);
        sockaddr_in6 address{}; // all zero but the family and ::1 or 127.0.0.1
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        auto* any = family == AF_INET ? reinterpret_cast<sockaddr*>(&v4)
                                      : reinterpret_cast<sockaddr*>(&address);
        socklen_t size = family == AF_INET ? sizeof v4 : sizeof address;
        usable = listener >= 0 && ::bind(listener, any, size) == 0 && ::listen(listener, 1) == 0 &&
                 ::getsockname(listener, any, &size) == 0;
        if (usable) {
            client = ::socket(family, SOCK_STREAM, 0);
            usable = ::connect(client, any, size) == 0;
            ours = ::accept(listener, nullptr, nullptr);
        }
        ::close(listener);
    }

    Pair(const Pair&) = delete;
    Pair(Pair&&) = delete;
    Pair& operator=(const Pair&) = delete;
    Pair& operator=(Pair&&) = delete;

    ~Pair() {
        ::close(ours);
        close_client();
    }

    void close_client() {
        if (client >= 0) {
            ::close(std::exchange(client, -1));
        }
    }

    bool usable = false;
    int client = -1;
    int ours = -1;
};

TEST(Peer, IsThisUserOnTcp) {
    for (const int family : {AF_INET, AF_INET6}) {
        const Pair pair(family);
        if (!pair.usable) {
            continue; // no IPv6 here
        }
        EXPECT_EQ(peer_user(pair.ours).value(), ::geteuid());
        EXPECT_EQ(peer_user_by_sock_diag(pair.ours).value(), ::geteuid());
        EXPECT_EQ(peer_user_by_proc(pair.ours).value(), ::geteuid());
    }
}

TEST(Peer, IsThisUserOnAUnixSocket) {
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    EXPECT_EQ(peer_user(ends[0]).value(), ::geteuid());
    EXPECT_FALSE(peer_user_by_sock_diag(ends[0]));
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Peer, IsNotGuessedOnceTheClientClosed) {
    Pair pair(AF_INET);
    pair.close_client(); // the kernel would say user 0 now, which is root
    EXPECT_FALSE(peer_user(pair.ours));
    EXPECT_FALSE(peer_user_by_proc(pair.ours));
}

TEST(Peer, IsOpenUntilItIsClosed) {
    for (const int family : {AF_INET, AF_INET6}) {
        Pair pair(family);
        if (!pair.usable) {
            continue; // no IPv6 here
        }
        EXPECT_TRUE(peer_is_open(pair.ours));
        ASSERT_EQ(::shutdown(pair.client, SHUT_WR), 0);
        EXPECT_TRUE(peer_is_open(pair.ours)) << "it may read on";
        pair.close_client();
        EXPECT_FALSE(peer_is_open(pair.ours));
    }
    EXPECT_FALSE(peer_is_open(-1));
}

TEST(Peer, IsOpenOnAUnixSocketUntilItIsClosed) {
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    EXPECT_TRUE(peer_is_open(ends[0]));
    ASSERT_EQ(::shutdown(ends[1], SHUT_WR), 0);
    EXPECT_TRUE(peer_is_open(ends[0])) << "it may read on";
    ::close(ends[1]);
    EXPECT_FALSE(peer_is_open(ends[0]));
    ::close(ends[0]);
}

TEST(Peer, IsTheOtherUserIfItIsOne) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become another user";
    }
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, any, size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, any, &size), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool done = ::setuid(12345) == 0;
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        char byte = 0;
        if (done && ::connect(client, any, size) == 0) {
            [[maybe_unused]] const ssize_t got = ::read(client, &byte, 1); // until the test looked
        }
        ::_exit(0);
    }
    const int ours = ::accept(listener, nullptr, nullptr);
    EXPECT_EQ(peer_user_by_sock_diag(ours).value(), 12345U);
    EXPECT_EQ(peer_user_by_proc(ours).value(), 12345U);
    ::close(ours);
    ::close(listener);
    ::waitpid(child, nullptr, 0);
}

TEST(Peer, OfNoSocketIsAnError) {
    EXPECT_FALSE(peer_user(-1));
    EXPECT_FALSE(peer_user(0));
}

TEST(SameUser, ExcludesRootForOthers) {
    EXPECT_TRUE(is_same_user(1000, 1000));
    EXPECT_FALSE(is_same_user(0, 1000));
    EXPECT_FALSE(is_same_user(1000, 0));
}

} // namespace
} // namespace pep::http
