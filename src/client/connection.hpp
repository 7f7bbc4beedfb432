// One blocking HTTP/1.1 connection to a server on this machine. It is never replaced by another one
// behind the caller's back: what proved itself on it stays the partner. One thread at a time.
#pragma once

#include "base/descriptor.hpp"
#include "base/expected.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::client {

/// When to give up; nothing: never.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

[[nodiscard]] inline Deadline in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

struct HttpRequest {
    std::string_view method;
    std::string_view target;
    const Secret* token = nullptr; ///< goes into the field Authorization
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::string_view body;
    std::uint64_t most_reply_bytes = std::uint64_t{1} << 30U; ///< of a body without a sink
};

struct HttpReply {
    int status = 0;
    std::string body; ///< empty where a sink took it
};

/// Takes pieces of a body as they come; false: no more is wanted, the connection is useless then.
using Sink = std::function<bool(std::string_view piece)>;

class Connection {
  public:
    /// Errors of all functions here are fault::unreachable.
    [[nodiscard]] static Expected<Connection>
    to_loopback(const std::string& address, std::uint16_t port, Deadline deadline);

    /// To a Unix socket; its owner must be this user (fault::untrusted otherwise).
    [[nodiscard]] static Expected<Connection> to_socket(const std::string& path, Deadline deadline);

    /// What this connection leads to, as the server's proof names it.
    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

    /// Send a request and wait for the reply, at most until the deadline. With a sink the body of a
    /// reply of status 200 goes there. Request texts must be free of line breaks.
    /// After fault::unreachable the connection is out of step, and good for no further request.
    [[nodiscard]] Expected<HttpReply>
    exchange(const HttpRequest& request, Deadline deadline, const Sink& sink = {});

  private:
    Connection(Descriptor socket, std::string endpoint, std::string host)
        : socket_(std::move(socket)), endpoint_(std::move(endpoint)), host_(std::move(host)) {}

    [[nodiscard]] Expected<void> send(std::string_view bytes, Deadline deadline);
    [[nodiscard]] Expected<bool> receive(Deadline deadline);

    Descriptor socket_;
    std::string endpoint_;
    std::string host_;
    std::string received_; ///< and not yet parsed
};

} // namespace pep::client
