// Bodies as 7 bit text with CRLF line ends: which need an encoding, and the encodings. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine::mime {

/// A byte over 127, NUL, a lone CR, or more than 998 bytes between two CRLF: a lone LF ends no line
/// here, as in the original, so long text with lone LFs is encoded.
[[nodiscard]] bool needs_encoding(std::string_view body);

/// A LF without CR: text that would arrive changed if it were sent as lines.
[[nodiscard]] bool has_bare_lf(std::string_view body);

/// Lines as they are, LF made CRLF.
void append_lines(std::string& out, std::string_view text);

/// RFC 2045 6.7 for text: line breaks (LF or CRLF) stay line breaks.
void append_quoted_printable(std::string& out, std::string_view text);

/// RFC 2045 6.8: lines of 76 characters, no line break behind the last.
void append_base64(std::string& out, std::string_view bytes);

/// `text` with CRLF made LF, as text bodies are handed to programs.
[[nodiscard]] std::string with_lf(std::string text);

/// `text` with LF made CRLF, as signatures are made over it.
[[nodiscard]] std::string with_crlf(std::string_view text);

} // namespace pep::engine::mime
