// Sockets to listen on: loopback TCP at the first free port of a range, and a Unix socket for the
// user only. Any thread.
#pragma once

#include "base/expected.hpp"

#include <cstdint>
#include <string>

namespace pep::http {

struct ListeningSocket {
    int descriptor = -1; ///< listening, non-blocking, close-on-exec; the caller closes it
    std::string address; ///< literal, without brackets
    std::uint16_t port = 0;
};

/// Only loopback addresses ("localhost" is 127.0.0.1); a port of 0 lets the system choose.
Expected<ListeningSocket>
listen_on_loopback(const std::string& address, std::uint16_t start_port, std::uint16_t end_port);

/// Replaces a socket left over at that path. The folder must be private; who asks has made sure
/// that no other server uses the path.
Expected<int> listen_on_path(const std::string& path);

/// Makes a listening Unix socket somebody else made ready for the loop; its path, which may be
/// empty. Refuses other descriptors, and leaves those alone.
[[nodiscard]] Expected<std::string> adopt_listener(int descriptor);

} // namespace pep::http
