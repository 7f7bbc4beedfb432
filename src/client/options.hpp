// The command line of pep-rpc. One table says for each option what it is called, what it takes and
// what it does; parsing, --help and the table of the README come from it.
#pragma once

#include "base/expected.hpp"
#include "client/output.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pep::client {

enum class Action { call, events, list, help, help_method, help_markdown, version };

struct Options {
    Action action = Action::call;
    std::string home; ///< empty: $PEPHOME, else $HOME/.pEp
    bool by_socket = false;
    bool may_start = true;
    std::optional<std::chrono::seconds> timeout = std::chrono::seconds{300}; ///< nothing: for ever
    std::string client_id;
    Style style = Style::pretty;
    bool only_return = false;
    std::string only_out; ///< "": all outputs
    std::string since;    ///< EPOCH.N of the last event seen
    std::string method;
    std::vector<std::string> words; ///< behind the method
};

/// Parse the arguments (without the program's name). Errors are fault::usage; they name options,
/// never values.
[[nodiscard]] Expected<Options> parse_options(const std::vector<std::string>& arguments);

/// Of a word that was no option we know, what may be shown: "--name=value" is "--name", and
/// "-xvalue" is "-x".
[[nodiscard]] std::string without_value(const std::string& word);

/// The text of --help.
[[nodiscard]] std::string help_text();

/// The options as a Markdown table, as the README shows them.
[[nodiscard]] std::string help_markdown();

} // namespace pep::client
