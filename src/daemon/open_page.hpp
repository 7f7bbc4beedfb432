// `--open`: show the test page of a running server to the user, signed in, without the token being
// in a URL, an argument or the browser's history.
#pragma once

#include "base/expected.hpp"

#include <filesystem>
#include <string>

namespace pep::daemon {

/// Ask the server of that home for a file that leads a browser to its page, and open it. Returns
/// what to tell the user: the file's name, and what to do if no browser came.
[[nodiscard]] Expected<std::string> open_page(const std::filesystem::path& home);

} // namespace pep::daemon
