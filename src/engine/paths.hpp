// Where things are when nobody says otherwise: the user's home of the engine, and installed data.
#pragma once

#include "base/expected.hpp"

#include <filesystem>

namespace pep::engine {

/// $PEPHOME, else $HOME/.pEp; UNBOUND_ENVIRONMENT_VARIABLE when neither is set. Not created here.
[[nodiscard]] Expected<std::filesystem::path> default_home();

/// Installed data: beside the program (`bin/../share`, in the build tree, too), else where the
/// build was told to install it.
[[nodiscard]] std::filesystem::path data_directory();

} // namespace pep::engine
