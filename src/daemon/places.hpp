// Where the daemon's files are, besides those in the home: installed data, what lives in
// the runtime directory, and the log. Looks, and makes the runtime folder; any thread.
#pragma once

#include "base/log.hpp"
#include "daemon/options.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace pep::daemon {

/// Installed files lie beside the program; those of a build tree at `fallback`.
[[nodiscard]] std::filesystem::path
data_directory(const char* what, const std::filesystem::path& fallback);

/// The folder for files that mean nothing after the end of the session; empty if there is no such
/// place.
[[nodiscard]] std::filesystem::path runtime_folder(const log::Logger& log);

/// The Unix-domain door in that folder, apart for homes other than the default one; "" without it.
[[nodiscard]] std::string
socket_path(const std::filesystem::path& folder, const std::filesystem::path& home);

/// The log the options want, and its last lines for recent_log.
[[nodiscard]] Expected<log::Logger> open_log(const Options& options);

/// How clients write where a server is.
[[nodiscard]] std::string url_of(const std::string& address, std::uint16_t port);

} // namespace pep::daemon
