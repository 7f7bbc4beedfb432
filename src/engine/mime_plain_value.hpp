// Structured header values (Content-Type, Content-Disposition) as nearly all programs write them.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::engine::mime {

/// `kind; name=value` or `kind/subkind; name="value"`.
struct PlainValue {
    std::string kind;                                            ///< lower case, as it stood there
    std::string subkind;                                         ///< the same, "" without slash
    std::vector<std::pair<std::string, std::string>> parameters; ///< names in lower case
};

/// The parts of a value whose reading leaves no choice: kinds in lower case, parameters that are
/// tokens or quoted printable ASCII (RFC 2045 5.1). Nothing for all else: comments, escapes,
/// encoded words, RFC 2231, repetitions and mistakes are GMime's business, which is some ten times
/// slower.
[[nodiscard]] std::optional<PlainValue> read_plain_value(std::string_view line);

} // namespace pep::engine::mime
