// The command line. One table says for each option what it is called, what it takes and what it
// does; parsing, --help and the table of the README come from it.
#pragma once

#include "base/expected.hpp"
#include "base/log.hpp"
#include "daemon/limits.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pep::daemon {

/// What the command line asks for besides serving.
enum class Action { serve, help, help_markdown, limits_markdown, version };

struct Options {
    Action action = Action::serve;
    bool foreground = false;
    bool dumpable = false;
    bool no_html = false;
    bool replace = false;   ///< take over from a server that runs already
    bool open_page = false; ///< show the test page once the server runs
    bool xor_trustwords = false;
    bool check_replies = false;
    std::string home; ///< empty: $PEPHOME, else $HOME/.pEp
    std::string address = "127.0.0.1";
    std::uint16_t start_port = 0;
    std::uint16_t end_port = 0;
    std::vector<std::string> allow_origins;
    std::string html_directory; ///< empty: installed, else the source's
    std::string trustwords;     ///< empty: `<home>/trustwords`, else installed ones
    std::string log_file;       ///< empty: none (foreground: "stderr"), "stderr", else a file
    log::Level log_level = log::Level::info;
    unsigned client_timeout_s = 420;
    unsigned idle_exit_s = 0; ///< end when not needed for so long; 0: never
    Limits limits;
};

/// Parse the arguments (without the program's name). The error's message says which option is wrong
/// and what it wants; it repeats option names, never values.
[[nodiscard]] Expected<Options> parse_options(const std::vector<std::string>& arguments);

/// The text of --help.
[[nodiscard]] std::string help_text();

/// The options as a Markdown table, as the README shows them.
[[nodiscard]] std::string help_markdown();

/// The home directory by the rules: --home, else $PEPHOME (the directory itself), else $HOME/.pEp.
[[nodiscard]] Expected<std::filesystem::path> home_directory(const Options& options);

} // namespace pep::daemon
