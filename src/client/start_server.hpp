// Starting other programs: the server where none runs, and what shows a page to the user.
#pragma once

#include "base/expected.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pep::client {

/// Run `pep-json-server --home HOME`, found beside the running program, else in PATH, and wait for
/// its end: it returns when a server can be called. Its complaints go to standard error.
/// fault::unreachable where that fails.
[[nodiscard]] Expected<void> start_server(const std::filesystem::path& home);

/// Run a program of PATH without waiting for it, its standard streams on /dev/null. Fails where
/// there is none of that name.
[[nodiscard]] Expected<void> launch(const std::vector<std::string>& command);

} // namespace pep::client
