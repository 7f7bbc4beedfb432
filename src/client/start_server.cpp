// posix_spawn: no code of ours runs between fork and exec.
#include "client/start_server.hpp"

#include "client/fault.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace pep::client {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A second start waits 5 s for the first one; a server on a slow disk needs some time, too.
constexpr auto patience = 30s;
constexpr auto poll_time = 5ms;

/// Which of the three standard streams the new program shares with us.
enum class Streams { none, errors };

/// Where standard streams lead. Standard error may stay ours, so that complaints are seen.
class SpawnActions {
  public:
    explicit SpawnActions(Streams shared) {
        ::posix_spawn_file_actions_init(&actions_);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            if (stream != STDERR_FILENO || shared == Streams::none)
                ::posix_spawn_file_actions_addopen(&actions_, stream, "/dev/null", O_RDWR, 0);
    }

    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;

    ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

/// What we ignore, the new program shall not.
class SpawnAttributes {
  public:
    SpawnAttributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t defaults;
        ::sigemptyset(&defaults);
        ::sigaddset(&defaults, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }

    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }

    [[nodiscard]] const posix_spawnattr_t* get() const noexcept { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

Expected<pid_t> spawn(const std::vector<std::string>& command, Streams shared) {
    std::vector<char*> arguments;
    for (const auto& each : command)
        arguments.push_back(const_cast<char*>(each.c_str())); // exec(3) does not write there
    arguments.push_back(nullptr);
    const SpawnActions actions{shared};
    const SpawnAttributes attributes;
    // A name without a slash is looked for in PATH.
    pid_t child = 0;
    const int problem = ::posix_spawnp(
        &child, arguments.front(), actions.get(), attributes.get(), arguments.data(), environ
    );
    if (problem != 0)
        return fail(
            fault::unreachable,
            "cannot run " + command.front() + ": " + std::generic_category().message(problem)
        );
    return child;
}

/// Its exit code; 0 where somebody else collects our children, -1 when it takes too long.
int wait_for_end(pid_t child) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        // ECHILD: who ignores SIGCHLD has the kernel collect them, and learns no exit code.
        if (ended < 0 && errno != EINTR)
            return 0;
        if (std::chrono::steady_clock::now() >= give_up)
            return -1;
        // waitpid(2) knows no deadline.
        std::this_thread::sleep_for(poll_time);
    }
}

/// Programs of one installation, or of one build, belong together.
/// Where none is beside us, or we do not know where we are, PATH decides.
std::string server_program() {
    std::error_code problem;
    const auto self = fs::read_symlink("/proc/self/exe", problem);
    const auto beside = self.parent_path() / "pep-json-server";
    return !problem && ::access(beside.c_str(), X_OK) == 0 ? beside.string() : "pep-json-server";
}

} // namespace

Expected<void> start_server(const fs::path& home) {
    auto child = spawn({server_program(), "--home", home.string()}, Streams::errors);
    if (!child)
        return fail(child);
    // The server goes on in a process of its own; this one ends when that can be called, or failed.
    const int code = wait_for_end(*child);
    if (code == 0)
        return {};
    if (code < 0)
        return fail(fault::unreachable, "pep-json-server takes too long to start");
    return fail(fault::unreachable, "pep-json-server cannot start");
}

Expected<void> launch(const std::vector<std::string>& command) {
    // Its words would only mix with ours, and it may stay longer than we do.
    auto child = spawn(command, Streams::none);
    if (!child)
        return fail(child);
    return {};
}

} // namespace pep::client
