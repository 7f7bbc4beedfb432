// An empty variable counts as unset, as the original does it.
#include "client/home.hpp"

#include "client/fault.hpp"

#include <cstdlib>

namespace pep::client {

Expected<std::filesystem::path> home_directory(const std::string& given) {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::filesystem::path{value != nullptr ? value : ""};
    };
    std::filesystem::path home = given;
    if (home.empty())
        home = variable("PEPHOME");
    if (home.empty() && !variable("HOME").empty())
        home = variable("HOME") / ".pEp";
    if (home.empty())
        return fail(
            fault::usage, "no home directory: set HOME or PEPHOME, or give --home DIRECTORY"
        );
    if (given.empty() && home.is_relative()) // each folder would have a server of its own
        return fail(
            fault::usage, "PEPHOME and HOME must be absolute paths, or give --home DIRECTORY"
        );
    std::error_code problem;
    auto absolute = std::filesystem::absolute(home, problem);
    // As when the current folder is gone.
    if (problem)
        return fail(
            fault::usage,
            "the home directory's name cannot be resolved; give --home with an absolute path"
        );
    // One spelling of a place, as far as its text tells: the socket's name is made from it.
    return absolute.lexically_normal();
}

} // namespace pep::client
