// The program: options, then either a short answer or the daemon. Only this file decides exit
// codes: 0 fine, 1 the server could not start, 2 the options are wrong.
#include "api/service.hpp"
#include "daemon/daemon.hpp"
#include "daemon/limits_table.hpp"
#include "daemon/open_page.hpp"
#include "daemon/options.hpp"
#include "daemon/process.hpp"
#include "pEp/pEpEngine.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

constexpr int exit_ok = 0, exit_failure = 1, exit_usage = 2;

using namespace pep;
using namespace pep::daemon;

/// On standard error; returns the exit code it was given.
int complain(const std::string& message, int exit_code) {
    std::fprintf(stderr, "pep-json-server: %s\n", message.c_str());
    return exit_code;
}

/// On standard output; the exit code. Text that did not arrive, as on a full disk, is a failure.
int print(const std::string& text) {
    const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    return written ? exit_ok : exit_failure;
}

/// Clients look for "pEp JSON" and "version X.Y.Z" in it.
std::string version_text() {
    using namespace pep::api;
    return "pEp JSON Server Adapter\n"
           "\tversion " +
           api_version_text() + " \"" + std::string{api_nickname} + " " +
           std::string{package_version} +
           "\"\n"
           "\tpEpEngine version " +
           get_engine_version() +
           "\n"
           "\tpEp protocol version " +
           get_protocol_version() + "\n\n";
}

/// The last part of --open, once a server can be called. Returns the exit code.
int show_page(const std::filesystem::path& home) {
    // What a service manager told us is not for the browser.
    for (const char* name : {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        ::unsetenv(name);
    auto told = open_page(home);
    return told ? print(*told + "\n") : complain(told.error().message, exit_failure);
}

int serve(const Options& options) {
    // Before the fork: what is wrong with it is told by the command itself.
    auto home = home_directory(options);
    if (!home)
        return complain(home.error().message, exit_failure);
    if (options.foreground)
        return run_daemon(options, *home, StartReport{});
    auto forked = fork_daemon();
    if (!forked)
        return complain(forked.error().message, exit_failure);
    // The child has reported by now, so a server can be called if that was fine.
    if (!forked->is_child) {
        const bool can_open = options.open_page && forked->exit_code == exit_ok;
        return can_open ? show_page(*home) : forked->exit_code;
    }
    return run_daemon(options, *home, std::move(forked->report));
}

int run(const std::vector<std::string>& arguments) {
    auto options = parse_options(arguments);
    if (!options)
        return complain(options.error().message, exit_usage);
    switch (options->action) {
    case Action::help:
        return print(help_text());
    case Action::help_markdown:
        return print(help_markdown());
    case Action::limits_markdown:
        return print(limits_markdown());
    case Action::version:
        return print(version_text());
    case Action::serve:
        break;
    }
    return serve(*options);
}

} // namespace

int main(int argc, char** argv) {
    // Before anything is opened: a file would get the number of a standard stream that is closed.
    tidy_what_was_inherited();
    try {
        return run({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (const std::exception&) {
        // Not its own text, which may hold what the user typed.
        return complain("out of memory or another failure of the system", exit_failure);
    }
}
