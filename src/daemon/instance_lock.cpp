// flock(2), because it is released by the kernel however the process ends.
#include "daemon/instance_lock.hpp"

#include "base/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

namespace pep::daemon {

Expected<std::optional<InstanceLock>> InstanceLock::try_take(const std::filesystem::path& home) {
    const auto file = home / "lock";
    Descriptor opened{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!opened) {
        const int error = errno;
        return fail(
            error,
            "the lock file in the home directory cannot be opened: " +
                std::generic_category().message(error)
        );
    }
    if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0)
        return std::optional<InstanceLock>{InstanceLock{std::move(opened)}};
    if (errno != EWOULDBLOCK)
        return fail(errno, "the home directory's file system has no file locks");
    return std::optional<InstanceLock>{};
}

Expected<void> InstanceLock::announce(const std::string& epoch) const {
    const auto text = std::to_string(::getpid()) + " " + epoch + "\n";
    if (::ftruncate(descriptor_.get(), 0) != 0 ||
        ::pwrite(descriptor_.get(), text.data(), text.size(), 0) !=
            static_cast<ssize_t>(text.size()))
        return fail(errno, "the lock file cannot be written; is the disk full?");
    return {};
}

std::string InstanceLock::announced_epoch(const std::filesystem::path& home) {
    auto content = read_private_file(home / "lock", 256);
    if (!content)
        return {};
    std::istringstream words{*content};
    std::string pid;
    std::string epoch;
    words >> pid >> epoch;
    return epoch;
}

} // namespace pep::daemon
