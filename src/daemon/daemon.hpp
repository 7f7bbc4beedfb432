// The process: one home, one lock, one server, from the bound port to the removed token file.
#pragma once

#include "daemon/options.hpp"
#include "daemon/process.hpp"

#include <filesystem>

namespace pep::daemon {

/// Serve until a signal or `shutdown`. `report` learns how the start went, once clients can call.
/// Returns the process's exit code: also 0 when another daemon already serves this home.
[[nodiscard]] int
run_daemon(const Options& options, const std::filesystem::path& home, StartReport report);

} // namespace pep::daemon
