// pep-rpc behind its options: ask the server, print, and say with which code to exit. Input and
// output are given, so that tests need no process.
#pragma once

#include "client/options.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace pep::client {

/// The world of the program. `write` returns false when nobody reads any more.
struct Surroundings {
    std::function<bool(std::string_view text)> write;
    std::function<void(const std::string& line)> complain;
    std::function<Expected<std::string>(const std::string& file)> read; ///< "-": standard input
    bool is_terminal = false;                                           ///< what `write` goes to
};

/// The exit code.
[[nodiscard]] int run_program(const Options& options, const Surroundings& world);

/// A file, or standard input for "-"; at most 64 MiB, which is what a request may have.
[[nodiscard]] Expected<std::string> read_input(const std::string& name);

} // namespace pep::client
