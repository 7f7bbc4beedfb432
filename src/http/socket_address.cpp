// No names are looked up: an address is what it says.
#include "http/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace pep::http {

Expected<SocketAddress> loopback_address(const std::string& text, std::uint16_t port) {
    const std::string address = text == "localhost" ? "127.0.0.1" : text;
    SocketAddress result;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    constexpr std::uint32_t loopback_net = 127;
    // What stands behind a NUL would not be looked at here, but be part of the text elsewhere.
    if (address.find('\0') != std::string::npos)
        return fail(EINVAL, "an address has no U+0000");
    // inet_pton(3) takes four decimal numbers only, no "127.1" and no octal digits.
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1 &&
        ntohl(v4.sin_addr.s_addr) >> 24U == loopback_net) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        result.size = sizeof v4;
        // The storage may not be written as an object of another type.
        std::memcpy(&result.storage, &v4, sizeof v4);
        return result;
    }
    // A mapped address (::ffff:127.0.0.1) is none of these: it has to be written as IPv4.
    if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1 &&
        IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        result.size = sizeof v6;
        std::memcpy(&result.storage, &v6, sizeof v6);
        return result;
    }
    return fail(EINVAL, "only loopback addresses will do: 127.0.0.0/8 or ::1", address);
}

std::string numeric_text(const SocketAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.storage.ss_family;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    std::memcpy(&v6, &address.storage, sizeof v6);
    const void* binary = family == AF_INET ? static_cast<const void*>(&v4.sin_addr) : &v6.sin6_addr;
    const char* written =
        ::inet_ntop(family, binary, text.data(), static_cast<socklen_t>(text.size()));
    return written == nullptr ? std::string{} : written;
}

} // namespace pep::http
