// Addresses of this machine as the system calls want them. Any thread.
#pragma once

#include "base/expected.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace pep::http {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

/// 127.0.0.0/8 or ::1 as text, or "localhost", which is 127.0.0.1; anything else is refused.
Expected<SocketAddress> loopback_address(const std::string& text, std::uint16_t port);

/// The address in its usual form, however it was written: "127.0.0.1", "::1".
std::string numeric_text(const SocketAddress& address);

} // namespace pep::http
