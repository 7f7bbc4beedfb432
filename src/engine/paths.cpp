// Paths from the environment and from where the program lies.
#include "engine/paths.hpp"

#include "engine/guard.hpp"

#include <cstdlib>
#include <system_error>

namespace pep::engine {

namespace fs = std::filesystem;

Expected<fs::path> default_home() {
    // This one is the home itself, with no .pEp in it.
    if (const char* home = std::getenv("PEPHOME"); !missing(home)) // NOLINT(concurrency-mt-unsafe)
        return fs::path{home};
    if (const char* home = std::getenv("HOME"); !missing(home)) // NOLINT(concurrency-mt-unsafe)
        return fs::path{home} / ".pEp";
    return fail(PEP_UNBOUND_ENVIRONMENT_VARIABLE, "neither PEPHOME nor HOME is set");
}

fs::path data_directory() {
    std::error_code unreadable;
    // The running program's, also when the engine is a library of another program.
    const fs::path program = fs::read_symlink("/proc/self/exe", unreadable);
    if (!unreadable) {
        const fs::path beside = program.parent_path().parent_path() / "share" / "pep-json-server";
        if (fs::is_directory(beside, unreadable))
            return beside;
    }
    return fs::path{PEP_TRUSTWORDS_DIR}.parent_path();
}

} // namespace pep::engine
