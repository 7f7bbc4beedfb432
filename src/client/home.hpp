// Where a user's server lives: the one rule that server and clients share.
#pragma once

#include "base/expected.hpp"

#include <filesystem>
#include <string>

namespace pep::client {

/// `given` (--home), else $PEPHOME (the directory itself), else $HOME/.pEp; absolute and normal.
[[nodiscard]] Expected<std::filesystem::path> home_directory(const std::string& given);

} // namespace pep::client
