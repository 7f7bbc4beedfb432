// One daemon per home: a file lock held for life. The lock file names the holder's pid, epoch and
// version, so that a second start can wait for the holder's token file instead of disturbing it.
#pragma once

#include "base/descriptor.hpp"
#include "base/expected.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace pep::daemon {

/// What the holder of the lock says about itself.
struct Announcement {
    pid_t pid = 0;
    std::string epoch;
    std::string version; ///< of the program; "" if an old one does not say
};

/// The lock of a home. Move-only; the lock goes with the object, or with the process.
class InstanceLock {
  public:
    /// Try to take `<home>/lock`; nothing when another process holds it.
    [[nodiscard]] static Expected<std::optional<InstanceLock>>
    try_take(const std::filesystem::path& home);

    /// Write them into the lock file, with our pid.
    [[nodiscard]] Expected<void>
    announce(const std::string& epoch, const std::string& version) const;

    /// Takes back what stands there, the announcement of a server that was killed, say.
    void withdraw() const;

    /// What stands in the lock file of `home`; nothing if that is no announcement (yet). It holds
    /// only while somebody has the lock.
    [[nodiscard]] static std::optional<Announcement> announcement(const std::filesystem::path& home
    );

  private:
    explicit InstanceLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    Descriptor descriptor_;
};

} // namespace pep::daemon
