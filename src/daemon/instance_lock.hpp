// One daemon per home: a file lock held for life. The lock file names the holder's pid and epoch,
// so that a second start can wait for the holder's token file instead of disturbing it.
#pragma once

#include "base/descriptor.hpp"
#include "base/expected.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace pep::daemon {

/// The lock of a home. Move-only; the lock goes with the object, or with the process.
class InstanceLock {
  public:
    /// Try to take `<home>/lock`; nothing when another process holds it.
    [[nodiscard]] static Expected<std::optional<InstanceLock>>
    try_take(const std::filesystem::path& home);

    /// Write pid and epoch into the lock file.
    [[nodiscard]] Expected<void> announce(const std::string& epoch) const;

    /// The epoch in the lock file of `home`; "" when it names none (yet).
    [[nodiscard]] static std::string announced_epoch(const std::filesystem::path& home);

  private:
    explicit InstanceLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    Descriptor descriptor_;
};

} // namespace pep::daemon
