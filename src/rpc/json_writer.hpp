// Writes JSON in the one form all replies have: compact, members in the order they were added,
// escapes as existing clients know them. nlohmann's own writer escapes differently and throws.
#pragma once

#include "base/long_text.hpp"
#include "marshal/json.hpp"

#include <string>
#include <string_view>

namespace pep::rpc {

/// Append a document: `\b \f \n \r \t \" \\`, other controls and DEL as `\u00XX` with upper-case
/// digits, everything else as it is. Strings must be valid UTF-8. With `rest`, many bytes that were
/// lent to the document (marshal/lent.hpp) go there behind what is in `out`, and `out` begins anew
/// behind them.
void write_json(std::string& out, const json& document, LongText* rest = nullptr);

/// Append a string with quotes.
void write_string(std::string& out, std::string_view text);

/// Roughly how many bytes write_json will append; exact for long strings without escapes.
/// `late`: count what would go into a `rest`, too.
[[nodiscard]] std::size_t estimate_size(const json& document, bool late = true);

[[nodiscard]] std::string to_text(const json& document);

} // namespace pep::rpc
