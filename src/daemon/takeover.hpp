// One server per home: becoming it, finding the one that is, or taking over from it. Blocks for
// seconds at most; before any thread is started.
#pragma once

#include "base/expected.hpp"
#include "client/rendezvous.hpp"
#include "daemon/instance_lock.hpp"

#include <filesystem>
#include <string>
#include <variant>

namespace pep::daemon {

/// The server that is there already, and can be called.
struct Incumbent {
    client::Rendezvous where;
    std::string version; ///< of the program; "" if it does not say
};

/// Either the lock is ours, or another server holds it and has written its token file. An error if
/// a process holds the lock but serves nothing for five seconds.
[[nodiscard]] Expected<std::variant<InstanceLock, Incumbent>>
lock_or_find_incumbent(const std::filesystem::path& home);

/// Have the server of that home stop, and wait for its end; nothing if none runs. It is asked by
/// SIGTERM, so calls at work are answered first; and only if it can prove that it is the one, so
/// that no other process is hit and none dies that hangs in the midst of something.
[[nodiscard]] Expected<void> end_incumbent(const std::filesystem::path& home);

/// What a second start says about the first.
[[nodiscard]] std::string describe(const Incumbent& other, const std::string& own_version);

} // namespace pep::daemon
