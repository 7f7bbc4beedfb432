// What can be wrong with a value on its way between JSON and C. The codes of `Error` in this layer;
// `Error::message` says what was expected ("an integer from 0 to 255"), `Error::where` is the JSON
// pointer. Neither ever contains the offending value.
#pragma once

#include "base/expected.hpp"
#include "marshal/path.hpp"

#include <string>
#include <string_view>

namespace pep::marshal {

/// Positive, so that they never meet the negative JSON-RPC codes.
enum class Fault : int {
    wrong_type = 1, ///< another JSON type
    out_of_range,   ///< an integer the C type cannot hold, or a time no calendar has
    unknown_value,  ///< a number or name the enumeration does not list
    invalid_utf8,
    nul_character, ///< U+0000 would silently cut a C string
    invalid_base64,
    too_long,
    malformed, ///< right type, wrong form (a language code of three letters)
    missing,
    unexpected, ///< more, or another name, than declared
    out_of_memory,
};

/// The error for a value at `at`; `expected` is a phrase that fits behind the word "expected".
[[nodiscard]] tl::unexpected<Error> refuse(const Path& at, Fault fault, std::string expected);

/// The machine-readable name of a fault: `wrong_type`, `out_of_range`, …
[[nodiscard]] std::string_view slug(Fault fault);

/// One sentence that tells a developer what to do about it.
[[nodiscard]] std::string_view hint(Fault fault);

/// True if the error came from this layer with this fault.
[[nodiscard]] inline bool is(const Error& error, Fault fault) {
    return error.code == static_cast<int>(fault);
}

} // namespace pep::marshal
