// The program pep-rpc: options, then either a short answer or a call. Exit codes are listed in
// --help.
#include "base/secret.hpp"
#include "client/fault.hpp"
#include "client/options.hpp"
#include "client/program.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace pep::client;

void complain(const std::string& message) {
    std::fprintf(stderr, "pep-rpc: %s\n", message.c_str());
}

/// False when it did not arrive, as on a full disk. At once, so that events are seen as they come.
bool write(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
}

/// The token and what is decrypted must not end in a core file.
void forbid_core_dumps() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

int run(const std::vector<std::string>& arguments) {
    auto options = parse_options(arguments);
    if (!options) {
        complain(options.error().message);
        return fault::usage;
    }
    switch (options->action) {
    case Action::help:
        return write(help_text()) ? 0 : fault::refused;
    case Action::help_markdown:
        return write(help_markdown()) ? 0 : fault::refused;
    case Action::version:
        return write("pep-rpc " PEP_VERSION "\n") ? 0 : fault::refused;
    default:
        break;
    }
    // The short answers above know no secrets; a call does.
    forbid_core_dumps();
    (void)pep::lock_secret_memory(); // without it secrets are wiped, but may be swapped out
    return run_program(*options, {write, complain, read_input, ::isatty(STDOUT_FILENO) == 1});
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (const std::exception&) {
        // Not the text of what was thrown, which may hold a value.
        complain("out of memory or another failure of the system");
        return fault::refused;
    }
}
