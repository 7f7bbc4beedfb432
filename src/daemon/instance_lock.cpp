// flock(2), because it is released by the kernel however the process ends.
#include "daemon/instance_lock.hpp"

#include "base/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

namespace pep::daemon {

Expected<std::optional<InstanceLock>> InstanceLock::try_take(const std::filesystem::path& home) {
    const auto file = home / "lock";
    // No symlink may lead the lock elsewhere: then two servers could have one home.
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    Descriptor opened{::open(file.c_str(), flags, 0600)};

    struct stat status {};

    const int error = opened && ::fstat(opened.get(), &status) == 0 ? 0 : errno;
    // How open(2) answers a symlink, a folder and a socket; a FIFO or device is seen by its mode.
    if (error == ELOOP || error == EISDIR || error == ENXIO ||
        (error == 0 && !S_ISREG(status.st_mode)))
        return fail(error, "is no ordinary file; remove it and try again", file.string());
    if (error != 0)
        return fail(
            error,
            "the lock file cannot be opened: " + std::generic_category().message(error),
            file.string()
        );
    if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0)
        return std::optional<InstanceLock>{InstanceLock{std::move(opened)}};
    if (errno != EWOULDBLOCK)
        return fail(errno, "the home directory's file system has no file locks");
    return std::optional<InstanceLock>{};
}

Expected<void> InstanceLock::announce(const std::string& epoch, const std::string& version) const {
    const auto text = std::to_string(::getpid()) + " " + epoch + " " + version + "\n";
    errno = ENOSPC; // what a short write means, which sets no error
    // In between the file is empty: who reads it then finds no announcement, and looks again.
    if (::ftruncate(descriptor_.get(), 0) != 0 ||
        ::pwrite(descriptor_.get(), text.data(), text.size(), 0) !=
            static_cast<ssize_t>(text.size()))
        return fail(
            errno, "the lock file cannot be written: " + std::generic_category().message(errno)
        );
    return {};
}

void InstanceLock::withdraw() const {
    // If it fails, starts at the same moment still look whether that process is there.
    (void)!::ftruncate(descriptor_.get(), 0);
}

std::optional<Announcement> InstanceLock::announcement(const std::filesystem::path& home) {
    // More than we ever write.
    auto content = read_private_file(home / "lock", 256);
    if (!content)
        return std::nullopt;
    std::istringstream words{*content};
    Announcement said;
    words >> said.pid >> said.epoch;
    // No server has such a number, and messages tell users to kill what stands here.
    if (!words || said.pid <= 1)
        return std::nullopt;
    words >> said.version;
    return said;
}

} // namespace pep::daemon
