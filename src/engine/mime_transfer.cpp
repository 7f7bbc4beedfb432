// Attachments go through here in one pass into the text of the mail, which is reserved beforehand.
#include "engine/mime_transfer.hpp"

#include "base/base64.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace pep::engine::mime {

namespace {

constexpr std::size_t max_line_bytes = 998; // RFC 5322 2.1.1
constexpr std::size_t base64_line = 76;
constexpr std::size_t bytes_per_line = base64_line / 4 * 3;

/// How many characters from the start of `text` quoted-printable leaves as they are: printable ones
/// but '=', and blanks that do not end a line.
std::size_t literal_run(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    const auto other = std::find_if_not(text.begin(), text.end(), [&](char c) {
        return (c > 32 && c < 127 && c != '=') || is_blank(c);
    });
    auto run = static_cast<std::size_t>(other - text.begin());
    const bool at_line_end = other == text.end() || *other == '\n' || *other == '\r';
    if (run > 0 && at_line_end && is_blank(text[run - 1]))
        --run; // what stands before it is followed by a blank
    return run;
}

} // namespace

bool needs_encoding(std::string_view body) {
    // RFC 2045, 2.7: 7bit data has neither NUL nor 8 bit octets, and CR only in front of LF.
    std::size_t line = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const auto byte = static_cast<unsigned char>(body[i]);
        if (byte > 127 || byte == 0)
            return true;
        // LF counts as one more character of its line.
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
        // A line may have the right end already.
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
    // Breaks the line, softly, when so many characters do not fit it any more.
    const auto make_room = [&](std::size_t width) {
        if (column + width > max_column) {
            out += "=\r\n";
            column = 0;
        }
        column += width;
    };
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t run = literal_run(text.substr(i));
        for (std::size_t left = run; left > 0;) {
            // At least one: in a full line it makes room, and the loop goes on.
            const std::size_t piece = std::min(left, std::max(max_column - column, std::size_t{1}));
            make_room(piece);
            out.append(text, i, piece);
            i += piece;
            left -= piece;
        }
        if (i == text.size())
            return;
        const char c = text[i++];
        const bool crlf = c == '\r' && text.substr(i, 1) == "\n";
        // A CR alone is a character, and encoded as such.
        if (c == '\n' || crlf) {
            out += "\r\n";
            column = 0;
            i += crlf ? 1 : 0;
            continue;
        }
        make_room(3);
        const auto byte = static_cast<unsigned char>(c);
        out += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
}

void append_base64(std::string& out, std::string_view bytes) {
    // The lines of one block are put together where they stay in the cache.
    std::array<char, 64 * (base64_line + 2)> block; // NOLINT: written before it is read
    while (!bytes.empty()) {
        char* end = block.data();
        while (!bytes.empty() && end + base64_line + 2 <= block.data() + block.size()) {
            const std::string_view line = bytes.substr(0, bytes_per_line);
            bytes.remove_prefix(line.size());
            end = base64_encode_to(line, end);
            // The line break behind the last line belongs to the boundary that follows.
            if (!bytes.empty())
                end = std::copy_n("\r\n", 2, end);
        }
        out.append(block.data(), end);
    }
}

std::string with_lf(std::string text) {
    // In place, stretch by stretch: the text in front of the first CRLF does not move.
    std::size_t to = std::min(text.find("\r\n"), text.size());
    for (std::size_t from = to; from < text.size();) { // at a line break, or what stays of one
        from += text.compare(from, 2, "\r\n") == 0 ? 1 : 0;
        const std::size_t end = std::min(text.find("\r\n", from), text.size());
        std::memmove(text.data() + to, text.data() + from, end - from);
        to += end - from;
        from = end;
    }
    text.resize(to);
    return text;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    // Room for one CR in 32 characters; shorter lines make it grow.
    out.reserve(text.size() + text.size() / 32);
    append_lines(out, text);
    return out;
}

} // namespace pep::engine::mime
