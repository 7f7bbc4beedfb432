// poll(2) keeps the deadlines, Beast's parser reads the replies; the server's side does the same.
// Ready-made clients were set aside because they open a new connection on their own when one is
// lost, which would carry token and mail past the proof.
#include "client/connection.hpp"

#include "client/fault.hpp"

#include <arpa/inet.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <limits>
#include <system_error>

namespace pep::client {

namespace {

namespace bhttp = boost::beast::http;

constexpr std::size_t piece_bytes = std::size_t{64} << 10U;

/// What failed, and the system's word for why.
tl::unexpected<Error> broken(std::string_view what, int error) {
    return fail(
        fault::unreachable, std::string(what) + ": " + std::generic_category().message(error)
    );
}

tl::unexpected<Error> too_late() {
    return fail(fault::unreachable, "the server did not answer in time");
}

/// Milliseconds for poll(2): -1 is for ever; rounded up, so that it does not wake before the time.
int left(Deadline deadline) {
    if (!deadline)
        return -1;
    const auto time =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(time.count(), 0, INT_MAX));
}

/// Wait until the socket can be read or written.
Expected<void> wait(int socket, short events, Deadline deadline) {
    for (;;) {
        pollfd entry{socket, events, 0};
        const int ready = ::poll(&entry, 1, left(deadline));
        // An error or the end counts as ready, too: the call that follows tells which.
        if (ready > 0)
            return {};
        if (ready == 0)
            return too_late();
        if (errno != EINTR)
            return broken("cannot wait for the server", errno);
    }
}

/// A connected socket that never blocks.
Expected<Descriptor>
connected(int family, const sockaddr* address, socklen_t size, Deadline deadline) {
    Descriptor socket{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        return broken("no socket", errno);
    if (::connect(socket.get(), address, size) != 0) {
        // Interrupted, it goes on in the background like one that takes its time.
        if (errno != EINPROGRESS && errno != EINTR)
            return broken("nobody answers", errno);
        if (auto ready = wait(socket.get(), POLLOUT, deadline); !ready)
            return fail(ready);
        int problem = 0;
        socklen_t length = sizeof problem;
        if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length) != 0 ||
            problem != 0)
            return broken("nobody answers", problem);
    }
    return socket;
}

/// Bytes of a head must not become a second request.
bool has_no_line_breaks(const HttpRequest& request) {
    const auto is_clean = [](std::string_view text) {
        return std::ranges::none_of(text, [](char c) {
            return c == '\r' || c == '\n' || c == '\0';
        });
    };
    return is_clean(request.target) &&
           (request.token == nullptr || is_clean(request.token->reveal())) &&
           std::ranges::all_of(request.fields, [&](const auto& field) {
               return is_clean(field.first) && is_clean(field.second);
           });
}

std::string head_of(const HttpRequest& request, std::string_view host) {
    constexpr std::size_t enough = 2048; // no regrowth, which would leave copies of the token
    std::string head;
    head.reserve(enough);
    head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
    head.append(host).append("\r\n");
    if (request.token != nullptr)
        head.append("Authorization: Bearer ").append(request.token->reveal()).append("\r\n");
    for (const auto& [name, value] : request.fields)
        head.append(name).append(": ").append(value).append("\r\n");
    // The length also of an empty body: RFC 9110 section 8.6.
    if (request.method == "POST")
        head.append("Content-Type: application/json\r\nContent-Length: ")
            .append(std::to_string(request.body.size()))
            .append("\r\n");
    return head.append("\r\n");
}

} // namespace

Expected<Connection>
Connection::to_loopback(const std::string& address, std::uint16_t port, Deadline deadline) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    // Numeric only: a name would be looked up, and could lead anywhere.
    const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
    if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1)
        return fail(fault::unreachable, "that is no numeric address");
    auto socket =
        is_v4 ? connected(AF_INET, reinterpret_cast<const sockaddr*>(&v4), sizeof v4, deadline)
              : connected(AF_INET6, reinterpret_cast<const sockaddr*>(&v6), sizeof v6, deadline);
    if (!socket)
        return fail(socket);
    // Head and body are written one after the other: without this the body may wait for an
    // acknowledgement of the head.
    const int on = 1;
    ::setsockopt(socket->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // In the usual form, ::1 for example, however the token file spells it.
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* binary = is_v4 ? static_cast<const void*>(&v4.sin_addr) : &v6.sin6_addr;
    ::inet_ntop(is_v4 ? AF_INET : AF_INET6, binary, text.data(), text.size());
    const std::string literal = is_v4 ? text.data() : "[" + std::string{text.data()} + "]";
    auto endpoint = literal + ":" + std::to_string(port);
    return Connection{std::move(*socket), endpoint, endpoint};
}

Expected<Connection> Connection::to_socket(const std::string& path, Deadline deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return fail(fault::unreachable, "the path of the Unix socket is missing or too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    auto socket =
        connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline);
    if (!socket)
        return fail(socket);
    // The kernel tells who listens there; the place of a file tells nothing.
    ucred owner{};
    socklen_t size = sizeof owner;
    if (::getsockopt(socket->get(), SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0 ||
        owner.uid != ::geteuid())
        return fail(fault::untrusted, "the Unix socket is served by another user", path);
    // HTTP/1.1 wants a Host; on this door the server takes any.
    return Connection{std::move(*socket), path, "localhost"};
}

Expected<void> Connection::send(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        // Without a signal: that the server went away is an error to be told.
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (auto ready = wait(socket_.get(), POLLOUT, deadline); !ready)
                return ready;
        } else if (errno != EINTR) {
            return broken("the connection to the server was lost", errno);
        }
    }
    return {};
}

/// False at the end of the stream.
Expected<bool> Connection::receive(Deadline deadline) {
    // Behind what the parser has not taken yet.
    const auto old = received_.size();
    received_.resize(old + piece_bytes);
    for (;;) {
        const auto got = ::recv(socket_.get(), received_.data() + old, piece_bytes, 0);
        if (got >= 0) {
            received_.resize(old + static_cast<std::size_t>(got));
            return got > 0;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (auto ready = wait(socket_.get(), POLLIN, deadline); !ready)
                return fail(ready);
        } else if (errno != EINTR) {
            return broken("the connection to the server was lost", errno);
        }
    }
}

namespace {

/// Known from its header, or by what has come so far.
bool is_larger(const bhttp::response_parser<bhttp::string_body>& parser, std::uint64_t most) {
    const bool is_announced = parser.is_header_done() && parser.content_length();
    return parser.get().body().size() > most || (is_announced && *parser.content_length() > most);
}

} // namespace

Expected<HttpReply>
Connection::exchange(const HttpRequest& request, Deadline deadline, const Sink& sink) {
    if (!has_no_line_breaks(request))
        return fail(fault::usage, "a line break where HTTP allows none");
    auto head = head_of(request, host_);
    auto sent = send(head, deadline);
    wipe(head.data(), head.size());
    // A server that refuses a body early has answered by now: the answer says more than the error.
    if (sent)
        sent = send(request.body, deadline);
    bhttp::response_parser<bhttp::string_body> parser;
    // Else put() stops behind the header, with the body still to be given.
    parser.eager(true);
    // Beast 1.74 takes no limit for a limit of 0, and forgets any if the body comes later than the
    // header: is_larger() sees to it.
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    HttpReply reply;
    while (!parser.is_done()) {
        boost::beast::error_code problem;
        const auto used = parser.put(boost::asio::buffer(received_), problem);
        received_.erase(0, used);
        auto& body = parser.get().body();
        // Other statuses bring an explanation, which stays in the reply.
        if (sink && parser.is_header_done() && parser.get().result_int() == 200 && !body.empty()) {
            const bool goes_on = sink(body);
            body.clear();
            if (!goes_on)
                break;
        }
        if (!sink && is_larger(parser, request.most_reply_bytes))
            return fail(fault::unreachable, "the server's answer is larger than it can be");
        if (problem && problem != bhttp::error::need_more)
            return fail(fault::unreachable, "the server's answer is no HTTP: " + problem.message());
        // There may be more in the buffer: nothing is waited for yet.
        if (parser.is_done() || (!problem && used > 0))
            continue;
        auto more = receive(deadline);
        if (!more)
            return fail(more);
        // Without a length the end of the connection ends the body: RFC 9112 section 6.3.
        if (!*more) {
            if (parser.got_some()) // else Beast asserts
                parser.put_eof(problem);
            if (problem || !parser.is_done())
                return fail(fault::unreachable, "the server closed the connection");
        }
    }
    reply.status = static_cast<int>(parser.get().result_int());
    reply.body = std::move(parser.get().body());
    return reply;
}

} // namespace pep::client
