// Becoming a daemon whose starter knows how it went, and closing the ways by which secrets leave a
// process.
#pragma once

#include "base/expected.hpp"

#include <cstddef>
#include <string>

namespace pep::daemon {

/// The child's end of the pipe to the process that started the daemon. Without a fork (foreground)
/// it does nothing but print.
class StartReport {
  public:
    StartReport() noexcept = default; ///< foreground: no starter waits

    explicit StartReport(int descriptor) noexcept : descriptor_(descriptor) {}

    StartReport(StartReport&& other) noexcept;
    StartReport& operator=(StartReport&& other) noexcept;
    StartReport(const StartReport&) = delete;
    StartReport& operator=(const StartReport&) = delete;
    ~StartReport(); ///< a report that was never made tells the starter 1

    /// Tell the starter its exit code and what to print (to standard output if 0, else to standard
    /// error). Once.
    void tell(int exit_code, const std::string& text);

    /// Tell the starter that and why there is no server. -> the exit code
    int give_up(const Error& error);

  private:
    int descriptor_ = -1;
    bool told_ = false;
};

/// In the child: its report. In the parent: the exit code, after the child reported.
struct Forked {
    bool is_child = false;
    int exit_code = 0;
    StartReport report;
};

/// Fork; the child leads a new session with standard streams on /dev/null; the parent waits for the
/// child's report and prints it; if that is a failure, also for the end of the child, so that
/// nothing of it is left when the starter hears. Call before any thread is started.
[[nodiscard]] Expected<Forked> fork_daemon();

/// Start from a known state, whatever the starter left: standard streams that are open (a closed
/// one would become the number of a file of ours), signals not blocked, files for the user only,
/// writing to what was closed an error code and not the end. First thing of all.
void tidy_what_was_inherited() noexcept;

/// No core dumps, not traceable by other processes of the user.
void forbid_dumps() noexcept;

/// Have the allocator give big blocks back to the system when they are freed: a mail of 25 MB must
/// not make the daemon fat for the rest of its life. Call before threads are started.
void return_big_blocks() noexcept;

/// Have the system allow as many open files as that number of connections and everything else need;
/// how many connections there may be in fact.
[[nodiscard]] std::size_t connections_possible(std::size_t wanted) noexcept;

} // namespace pep::daemon
