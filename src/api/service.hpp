// What functions about the server itself need from the process around them, and the versions they
// tell.
#pragma once

#include "api/events.hpp"
#include "api/message_cache.hpp"
#include "base/log.hpp"
#include "marshal/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pep::api {

/// The server as its own functions see it. Called on the thread that runs the call; implementations
/// are thread-safe.
class Service {
  public:
    Service() = default;
    Service(const Service&) = delete;
    Service(Service&&) = delete;
    Service& operator=(const Service&) = delete;
    Service& operator=(Service&&) = delete;
    virtual ~Service() = default;

    /// Counters, limits, dictionaries: what `status` returns.
    [[nodiscard]] virtual json status() const = 0;

    [[nodiscard]] virtual Events& events() = 0;

    /// Messages kept for clients between calls.
    [[nodiscard]] virtual MessageCache& cached_messages() = 0;

    /// A file that leads a browser to the test page with the right to call; its path.
    [[nodiscard]] virtual Expected<std::string> create_page_file() = 0;

    /// The log's lines behind number `after`.
    [[nodiscard]] virtual log::Recent recent_log(std::uint64_t after) const = 0;

    /// Programs that wait for events to be sent to them.
    [[nodiscard]] virtual Listeners& listeners() = 0;

    /// Begin the orderly stop; returns at once, the present call is still answered.
    virtual void shutdown() = 0;
};

/// Version of the JSON interface, as clients of the original compare it: its newest state.
inline constexpr int api_major = 3, api_minor = 3, api_patch = 25;

/// The three numbers as text.
[[nodiscard]] inline std::string api_version_text() {
    return std::to_string(api_major) + "." + std::to_string(api_minor) + "." +
           std::to_string(api_patch);
}

/// Nickname beside the number in `version` and --version.
inline constexpr std::string_view api_nickname = "pep-json-server";

/// Version of this package.
inline constexpr std::string_view package_version = PEP_PACKAGE_VERSION;

} // namespace pep::api
