// Every number that bounds what a client can make the HTTP layer do. Published as `x-limits`; tests
// use shorter ones.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pep::http {

struct Limits {
    std::size_t header_bytes = std::size_t{16} << 10U; ///< request line and fields
    std::size_t header_fields = 100;
    std::uint64_t body_bytes = std::uint64_t{64} << 20U; ///< of any request
    std::uint64_t body_without_token = std::uint64_t{1}
                                       << 20U; ///< no Authorization header, or a browser
    std::uint64_t legacy_body_bytes = std::uint64_t{64} << 20U;   ///< no header on the legacy path
    std::uint64_t unauthorized_bytes = std::uint64_t{128} << 20U; ///< all such bodies together
    std::size_t connections = 1024;
    std::size_t pipelined_bytes = std::size_t{64} << 10U; ///< read ahead while a call runs
    std::size_t unsent_bytes = std::size_t{1} << 20U;     ///< no further call before these are sent

    std::chrono::milliseconds header_time{5'000}; ///< from the first byte of a request
    std::chrono::milliseconds body_time{30'000};  ///< plus body_time_per_64k; absolute
    std::chrono::milliseconds body_time_per_64k{1'000};
    std::chrono::milliseconds reply_time{30'000}; ///< plus body_time_per_64k; absolute
    std::chrono::milliseconds idle_time{300'000}; ///< unauthenticated connection between requests
    std::chrono::milliseconds linger_time{
        1'000};                                 ///< reading on after a refusal, so that it arrives
    std::chrono::milliseconds stop_time{1'800}; ///< from stop() until the listener closes
};

} // namespace pep::http
