// Writes JSON in the one form all replies have: compact, members in the order they were added,
// escapes as existing clients know them. nlohmann's own writer escapes differently and throws.
#pragma once

#include "marshal/json.hpp"

#include <string>
#include <string_view>

namespace pep::rpc {

/// Append a document: `\b \f \n \r \t \" \\`, other controls and DEL as `\u00XX` with upper-case
/// digits, everything else as it is. Strings must be valid UTF-8.
void write_json(std::string& out, const json& document);

/// Append a string with quotes.
void write_string(std::string& out, std::string_view text);

/// Roughly how many bytes write_json will append; exact for long strings without escapes.
[[nodiscard]] std::size_t estimate_size(const json& document);

[[nodiscard]] std::string to_text(const json& document);

} // namespace pep::rpc
