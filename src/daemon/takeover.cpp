// The lock decides, the token file tells; a pidfd makes sure that a signal meets the process that
// was meant, though numbers of processes are used again.
#include "daemon/takeover.hpp"

#include "base/descriptor.hpp"
#include "client/client.hpp"
#include "daemon/places.hpp"
#include "daemon/token_file.hpp"

#include <poll.h>
extern "C" { // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>

namespace pep::daemon {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;
constexpr auto look_every = 20ms;

/// Of what the lock file says, this goes to a terminal.
constexpr std::string_view version_characters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.+-";

/// As far as anybody may see. A lock file may name a process that has nothing to do with it.
/// The kernel keeps 15 characters of a name, and this one has as many.
bool exists(pid_t pid) { return ::kill(pid, 0) == 0 || errno == EPERM; }

bool is_server(pid_t pid) {
    std::string name;
    std::ifstream file{"/proc/" + std::to_string(pid) + "/comm"};
    return std::getline(file, name) && name == "pep-json-server";
}

/// `process` is what the lock file says; whoever holds the lock may be another one.
tl::unexpected<Error> cannot_replace(pid_t process, const char* why) {
    const auto pid = std::to_string(process);
    if (!is_server(process))
        return fail(
            0,
            "another process holds the lock of this home; it is not " + pid +
                ", which the lock file names. Find out who has that file open, and end it"
        );
    return fail(
        0,
        "the running server (process " + pid + ") " + why + "; end it (kill " + pid +
            ") and try again"
    );
}

std::string name_of(const std::optional<Announcement>& holder) {
    return holder && is_server(holder->pid)
               ? "process " + std::to_string(holder->pid) + " (a pep-json-server)"
               : "another process";
}

/// Takes a free lock for a moment. A start at the same time finds it held and looks again.
Expected<bool> is_held(const fs::path& home) {
    auto lock = InstanceLock::try_take(home);
    if (!lock)
        return fail(lock);
    return !lock->has_value();
}

/// A pidfd becomes readable with the end of its process.
bool has_ended(int process, std::chrono::milliseconds at_most) {
    pollfd wait{process, POLLIN, 0};
    return ::poll(&wait, 1, static_cast<int>(at_most.count())) > 0;
}

} // namespace

Expected<std::variant<InstanceLock, Incumbent>> lock_or_find_incumbent(const fs::path& home) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto lock = InstanceLock::try_take(home);
        if (!lock)
            return fail(lock);
        if (*lock) {
            (*lock)->withdraw();
            return std::move(**lock);
        }
        const auto holder = InstanceLock::announcement(home);
        auto other = TokenFile::read(home);
        // A token file of another epoch is what a server that crashed has left; both files are its,
        // as long as the one that has just taken the lock has not written its own.
        if (other && holder && other->epoch == holder->epoch && exists(holder->pid))
            return Incumbent{std::move(*other), holder->version};
        if (std::chrono::steady_clock::now() >= give_up)
            return fail(
                0,
                name_of(holder) + " holds the lock of this home, but has no token file that says "
                                  "where it serves; end it and try again"
            );
        // The holder starts, and will write its file, or ends, and will free the lock.
        std::this_thread::sleep_for(look_every);
    }
}

Expected<void> end_incumbent(const fs::path& home) {
    auto running = is_held(home);
    if (!running)
        return fail(running);
    const auto holder = InstanceLock::announcement(home);
    if (!*running || !holder)
        return {}; // free, or about to start: then it is as new as we are
    // From here on the number cannot pass to another process unnoticed.
    const Descriptor process{::pidfd_open(holder->pid, 0)};
    if (!process)
        return {}; // it ended meanwhile
    client::ClientOptions only_ask;
    only_ask.home = home;
    only_ask.may_start = false;
    if (!client::Client::connect(only_ask) &&
        !has_ended(process.get(), patience)) // it may be stopping
        return cannot_replace(holder->pid, "does not answer");
    // Same announcement, lock still held: so the process we have a hold on is the one that wrote
    // it.
    const auto still = InstanceLock::announcement(home);
    auto still_running = is_held(home);
    if (!still_running)
        return fail(still_running);
    // It ended, or another one has taken its place: nothing is left to end.
    if (!*still_running || !still || still->epoch != holder->epoch)
        return {};
    if (::pidfd_send_signal(process.get(), SIGTERM, nullptr, 0) != 0)
        return {}; // ended
    if (!has_ended(process.get(), patience))
        return cannot_replace(holder->pid, "was asked to stop, but did not end in time");
    return {};
}

std::string describe(const Incumbent& other, const std::string& own_version) {
    auto text = "already serving at " + url_of(other.where.address, other.where.port);
    const auto& version = other.version;
    const bool can_be_shown = !version.empty() && version.size() <= 32 &&
                              version.find_first_not_of(version_characters) == std::string::npos;
    if (version != own_version)
        text += "\nit is version " + (can_be_shown ? version : "unknown") + ", this program is " +
                own_version + ": `pep-json-server --replace` takes over";
    return text;
}

} // namespace pep::daemon
