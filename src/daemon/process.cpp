// The pipe carries one byte, the exit code, then text. If the child dies first, the parent sees the
// end of the pipe and reports failure.
#include "daemon/process.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

namespace pep::daemon {

namespace {

/// For the terminal of whoever started us; a result to standard output, a failure to the other.
void print(int exit_code, const std::string& text) {
    if (!text.empty()) {
        std::FILE* stream = exit_code == 0 ? stdout : stderr;
        std::fprintf(stream, "%s\n", text.c_str());
        std::fflush(stream);
    }
}

/// As far as it goes: a starter that is gone needs no report.
void write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// All that comes until the other side closes.
std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 512> piece{};
    for (;;) {
        const auto got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
}

/// A starter that reads our output to its end, as a shell does in `$(…)`, must not wait for the end
/// of the daemon.
void streams_to_null() noexcept {
    const int null = ::open("/dev/null", O_RDWR);
    if (null < 0)
        return;
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null, stream);
    if (null > STDERR_FILENO)
        ::close(null);
}

/// Else the daemon would hold pipes of whoever started it.
void close_inherited(int keep) noexcept {
    // Two ranges, around the pipe to the starter.
    if (keep > STDERR_FILENO + 1)
        ::close_range(STDERR_FILENO + 1, static_cast<unsigned>(keep - 1), 0);
    ::close_range(static_cast<unsigned>(std::max(keep, STDERR_FILENO) + 1), ~0U, 0);
}

} // namespace

/// What was moved from counts as told: its end must report no failure.
StartReport::StartReport(StartReport&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), told_(std::exchange(other.told_, true)) {}

StartReport& StartReport::operator=(StartReport&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(told_, other.told_);
    return *this;
}

StartReport::~StartReport() {
    if (!told_ && descriptor_ >= 0)
        tell(1, "pep-json-server: the server ended while starting");
}

void StartReport::tell(int exit_code, const std::string& text) {
    if (std::exchange(told_, true))
        return;
    if (descriptor_ < 0) {
        print(exit_code, text);
        return;
    }
    write_all(descriptor_, std::string(1, static_cast<char>(exit_code)) + text);
    // The starter reads to the end of the pipe.
    ::close(std::exchange(descriptor_, -1));
}

int StartReport::give_up(const Error& error) {
    const auto where = error.where.empty() ? std::string{} : error.where + ": ";
    tell(1, "pep-json-server: " + where + error.message);
    return 1;
}

Expected<Forked> fork_daemon() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(errno, "no pipe to the daemon; too many open files?");
    const pid_t child = ::fork();
    if (child < 0) {
        ::close(ends[0]);
        ::close(ends[1]);
        return fail(errno, "the system allows no further process");
    }
    if (child == 0) {
        ::close(ends[0]);
        // Off the terminal: its Ctrl-C and its end do not concern the daemon.
        ::setsid();
        streams_to_null();
        close_inherited(ends[1]);
        return Forked{true, 0, StartReport{ends[1]}};
    }
    // Else the pipe would never end: we would hold its other side ourselves.
    ::close(ends[1]);
    const auto report = read_all(ends[0]);
    ::close(ends[0]);
    const int exit_code = report.empty() ? 1 : static_cast<unsigned char>(report.front());
    // A failed start leaves no process behind: its locks are free when we return.
    if (exit_code != 0)
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    print(
        exit_code,
        report.empty() ? "pep-json-server: the server ended while starting" : report.substr(1)
    );
    return Forked{false, exit_code, StartReport{}};
}

void tidy_what_was_inherited() noexcept {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        if (::fcntl(stream, F_GETFD) < 0)
            (void)::open("/dev/null", O_RDWR); // the lowest free number: this one
    sigset_t none;
    ::sigemptyset(&none);
    // What the starter had blocked stays so over exec: SIGTERM would not end the server.
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::umask(S_IRWXG | S_IRWXO);
    std::signal(SIGPIPE, SIG_IGN);
}

void forbid_dumps() noexcept {
    // This also bars ptrace(2) and /proc/PID/mem to programs of the same user.
    ::prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

void return_big_blocks() noexcept {
    // Setting it at all ends glibc's habit of raising the threshold with every big block that is
    // freed.
    constexpr int from_bytes = 256 * 1024;
    ::mallopt(M_MMAP_THRESHOLD, from_bytes);
    ::mallopt(M_TRIM_THRESHOLD, 2 * from_bytes);
}

std::size_t connections_possible(std::size_t wanted) noexcept {
    constexpr std::size_t others = 128; // databases of each worker, log, files that are read
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wanted;
    // Anybody may raise the soft limit up to the hard one.
    if (files.rlim_cur < wanted + others) {
        const rlimit more{std::min<rlim_t>(wanted + others, files.rlim_max), files.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &more) == 0)
            files = more;
    }
    // With very few files half of them are for connections, and at least one is.
    const std::size_t available = files.rlim_cur;
    const std::size_t left = available > 2 * others ? available - others : available / 2;
    return std::max<std::size_t>(1, std::min(wanted, left));
}

} // namespace pep::daemon
