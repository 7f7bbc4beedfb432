// Encoded words of header lines (RFC 2047) in the one form GMime reads right. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine::mime {

/// `line` with encoded words that name the charset that is meant, and with Q for B: of adjacent B
/// words GMime decodes as one, what follows the first padding would be lost. Everything else stays
/// as it is.
[[nodiscard]] std::string readable_words(std::string_view line);

} // namespace pep::engine::mime
