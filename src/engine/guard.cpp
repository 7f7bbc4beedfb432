// The engine as a library has no log of its own. As in the original, errors are logged when the
// environment variable PEP_LOG exists, here to standard error; the daemon logs statuses itself.
#include "engine/guard.hpp"

#include "base/log.hpp"

#include <cstdlib>

namespace pep::engine {

void log_failure(const Error& error) noexcept {
    try {
        static const log::Logger logger = std::getenv("PEP_LOG") != nullptr
                                              ? log::Logger::to_stderr(log::Level::debug)
                                              : log::Logger{};
        if (logger.enabled(log::Level::debug))
            logger.debug("engine", {{"status", error.code}, {"why", log::Safe{error.message}}});
    } catch (...) { // NOLINT(bugprone-empty-catch): a log line is not worth a failed call
    }
}

} // namespace pep::engine
