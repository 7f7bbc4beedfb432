// Attachments go through here in one pass into the text of the mail, which is reserved beforehand.
#include "engine/mime_transfer.hpp"

#include "base/base64.hpp"

#include <algorithm>
#include <cstring>

namespace pep::engine::mime {

namespace {

constexpr std::size_t max_line_bytes = 998; // RFC 5322 2.1.1
constexpr std::size_t base64_line = 76;
constexpr std::size_t bytes_per_line = base64_line / 4 * 3;

} // namespace

bool needs_encoding(std::string_view body) {
    std::size_t line = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const auto byte = static_cast<unsigned char>(body[i]);
        if (byte > 127 || byte == 0)
            return true;
        if (byte == '\r') {
            if (i + 1 == body.size() || body[i + 1] != '\n')
                return true;
            ++i;
            line = 0;
        } else if (++line > max_line_bytes) {
            return true;
        }
    }
    return false;
}

bool has_bare_lf(std::string_view body) {
    for (std::size_t at = body.find('\n'); at != std::string_view::npos;
         at = body.find('\n', at + 1))
        if (at == 0 || body[at - 1] != '\r')
            return true;
    return false;
}

void append_lines(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t lf = text.find('\n');
        if (lf == std::string_view::npos) {
            out += text;
            return;
        }
        const bool crlf = lf > 0 && text[lf - 1] == '\r';
        out += text.substr(0, lf - (crlf ? 1 : 0));
        out += "\r\n";
        text.remove_prefix(lf + 1);
    }
}

void append_quoted_printable(std::string& out, std::string_view text) {
    constexpr std::size_t max_column = 75; // one more for the '=' of a soft line break
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool crlf = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (c == '\n' || crlf) {
            out += "\r\n";
            column = 0;
            i += crlf ? 1 : 0;
            continue;
        }
        const char next = i + 1 < text.size() ? text[i + 1] : '\n';
        const bool at_line_end = next == '\n' || next == '\r';
        const bool literal =
            ((c > 32 && c < 127) && c != '=') || ((c == ' ' || c == '\t') && !at_line_end);
        const std::size_t width = literal ? 1 : 3;
        if (column + width > max_column) {
            out += "=\r\n";
            column = 0;
        }
        column += width;
        const auto byte = static_cast<unsigned char>(c);
        if (literal)
            out += c;
        else
            out += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
}

void append_base64(std::string& out, std::string_view bytes) {
    constexpr std::size_t lines_per_block = 1024; // bounds the memory beside `out`
    while (!bytes.empty()) {
        const std::string_view block = bytes.substr(0, bytes_per_line * lines_per_block);
        bytes.remove_prefix(block.size());
        const std::string text = base64_encode(block);
        for (std::size_t at = 0; at < text.size(); at += base64_line) {
            out.append(text, at, base64_line);
            if (at + base64_line < text.size() || !bytes.empty())
                out += "\r\n";
        }
    }
}

std::string with_lf(std::string text) {
    std::size_t to = 0;
    for (std::size_t from = 0; from < text.size(); ++from)
        if (text[from] != '\r' || from + 1 == text.size() || text[from + 1] != '\n')
            text[to++] = text[from];
    text.resize(to);
    return text;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    append_lines(out, text);
    return out;
}

} // namespace pep::engine::mime
