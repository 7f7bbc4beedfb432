// What pep-rpc prints, and the exit code that goes with an answer. Mails are written by strangers:
// nothing they wrote may steer a terminal or fool who reads it. Pure functions; any thread.
#pragma once

#include "client/json.hpp"

#include <string>
#include <string_view>

namespace pep::client {

enum class Style { pretty, compact };

/// JSON on one or more lines, without the last line break. Control characters and those that
/// change the direction of writing are escaped, which JSON allows everywhere.
[[nodiscard]] std::string printed(const Json& value, Style style);

/// A string as it is, anything else as JSON; with a line break at the end. For a terminal, control
/// characters but line feeds and tabs become U+FFFD.
[[nodiscard]] std::string printed_plain(const Json& value, Style style, bool for_terminal);

/// Text of others, on one line, for a message.
[[nodiscard]] std::string printed_safely(std::string_view text);

/// The exit code for a result: 0, or 1 where the engine says that it did not do what was asked.
/// Some numbers other than 0 say how it was done.
[[nodiscard]] int exit_code_of_result(const Json& result);

/// The exit code for an `error` member: fault::usage or fault::refused.
[[nodiscard]] int exit_code_of_error(const Json& error);

/// `error` in words: message, place, what was expected, hint.
[[nodiscard]] std::string error_in_words(const Json& error);

} // namespace pep::client
