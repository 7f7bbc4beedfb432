// The side of systemd: a socket it made for us, and what it wants to be told. Without systemd all
// of it does nothing. Its library is loaded only where it is needed, as that takes longer than
// everything else at a start.
#pragma once

#include "base/expected.hpp"

#include <optional>
#include <string>

namespace pep::daemon {

/// The listening socket passed by socket activation (sd_listen_fds(3)), and none if there is none.
/// More than one is an error. Takes the variables out of the environment: before threads start.
[[nodiscard]] Expected<std::optional<int>> take_passed_socket();

/// Tell the service manager, if it wants to know (sd_notify(3)); `state` is e.g. "READY=1". Any
/// thread. False if that failed.
bool tell_service_manager(const std::string& state) noexcept;

} // namespace pep::daemon
