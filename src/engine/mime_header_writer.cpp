// Lines are folded at blanks, before column 77. A word that no line can hold is encoded, because
// encoded words can be cut anywhere and join again when decoded.
#include "engine/mime_header_writer.hpp"

#include "base/text.hpp"
#include "engine/backend/gmime.hpp"
#include "engine/guard.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace pep::engine::mime {

namespace {

constexpr std::size_t line_length = 76;      // RFC 2047 2: lines with encoded words
constexpr std::size_t max_word_length = 900; // RFC 5322 2.1.1 allows 998 with everything around it
constexpr std::size_t max_name_length = 76;
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_printable(char c) { return c > 32 && c < 127; }

/// Of ASCII, whatever the locale.
bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// RFC 5322 atext.
bool is_atom_char(char c) { return is_alnum(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~"); }

/// Must be encoded: not ASCII, not printable, too long, or to be mistaken for an encoded word.
bool needs_encoding(std::string_view word) {
    return word.size() > max_word_length || word.find("=?") != std::string_view::npos ||
           !std::all_of(word.begin(), word.end(), is_printable);
}

/// Valid UTF-8 on one line: each line break with the blanks behind it becomes a blank, so does a
/// TAB.
std::string one_line(std::string_view value) {
    std::string line;
    line.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c != '\r' && c != '\n') {
            line += c == '\t' ? ' ' : c;
            continue;
        }
        while (i + 1 < value.size() && is_one_of(value[i + 1], "\r\n \t"))
            ++i;
        line += ' ';
    }
    return gmime::repair_utf8(line);
}

struct Word {
    std::string_view blanks; // in front of it
    std::string_view text;
    bool encode = false;
};

/// Words of a line. Blanks that folding or decoding would not keep are made part of encoded words.
std::vector<Word> words_of(std::string_view line) {
    // With more in front an encoded word would not fit a line.
    constexpr std::size_t max_blanks = 40;
    std::vector<Word> words;
    while (!line.empty()) {
        const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t end = std::min(line.find(' ', blanks), line.size());
        Word word{line.substr(0, blanks), line.substr(blanks, end - blanks)};
        word.encode = needs_encoding(word.text);
        if (words.empty() && blanks > 0) { // leading
            word = {{}, line.substr(0, end), true};
        } else if (word.text.empty()) { // trailing
            Word& last = words.back();
            last = {last.blanks, {last.text.data(), last.text.size() + blanks}, true};
            break;
        } else if (blanks > max_blanks) {
            words.back().encode = word.encode = true;
        }
        words.push_back(word);
        line.remove_prefix(end);
    }
    return words;
}

/// Length of the UTF-8 character at `at`.
std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t length = 1;
    while (at + length < text.size() &&
           (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
        ++length;
    return length;
}

/// RFC 2047 4.2 with the characters that are safe in phrases, too (5.3).
void append_q(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (is_alnum(c) || is_one_of(c, "!*+-/")) {
            out += c;
        } else if (c == ' ') {
            out += '_';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'=', hex_digits[byte >> 4U], hex_digits[byte & 15U]};
        }
    }
}

/// RFC 5322, 3.2.4, for names and addresses; RFC 2045, 5.1 has the same for parameters.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '"';
}

/// A quoted local part that ends where it seems to: no quote inside without a backslash.
bool is_quoted_string(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"'))
        return false;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '"')
            return false;
        if (text[i] == '\\' && ++i + 1 >= text.size())
            return false;
    }
    return true;
}

/// RFC 5322, 3.4.1, without comments and folding. Strict, because a comma or bracket that got
/// through would make one recipient two.
bool is_addr_spec(std::string_view address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == address.size())
        return false;
    const auto is_dot_atom = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) {
            return is_atom_char(c) || c == '.';
        });
    };
    const std::string_view local = address.substr(0, at);
    const std::string_view domain = address.substr(at + 1);
    // An address literal in brackets (RFC 5321, 4.1.3), or names with dots.
    const bool literal = domain.starts_with('[') && domain.ends_with(']') && domain.size() > 2 &&
                         domain.find_first_of("[]\\ ", 1) == domain.size() - 1;
    return (is_dot_atom(local) || is_quoted_string(local)) && (literal || is_dot_atom(domain));
}

/// What stands in an address header for the address of an identity.
Expected<std::string> spec_of(std::string_view raw) {
    const auto is_control = [](char c) { return (c >= 0 && c < 32) || c == 127; };
    if (raw.size() > max_word_length || std::any_of(raw.begin(), raw.end(), is_control))
        return fail(PEP_ILLEGAL_VALUE, "an address holds control characters or is too long");
    std::string address{raw};
    if (!is_ascii(address) && address.find('@') != std::string::npos)
        // Only a domain has another form in ASCII; a local part has none.
        address = gmime::ascii_domain(address);
    if (!is_ascii(address))
        return fail(PEP_CANNOT_ENCODE, "an address needs internationalised mail (RFC 6532)");
    // What is no mail address is an identity all the same: its URI goes into quotes (2.1).
    return is_addr_spec(address) ? address : quoted(address) + "@URI";
}

} // namespace

bool is_field_name(std::string_view name) {
    return !name.empty() && name.size() <= max_name_length &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_printable(c) && c != ':';
           });
}

void HeaderWriter::put(std::string_view text) {
    out_ += text;
    column_ += text.size();
}

void HeaderWriter::begin(std::string_view name) {
    column_ = 0;
    at_start_ = true;
    put(name);
    put(":");
}

void HeaderWriter::end() { out_ += "\r\n"; }

void HeaderWriter::fold() {
    // The blank that makes the next line a continuation is written by the caller.
    out_ += "\r\n";
    column_ = 0;
}

void HeaderWriter::token(std::string_view blanks, std::string_view text) {
    // The first token stays beside the name: a line of a name only irritates some readers.
    if (!at_start_ && column_ + blanks.size() + text.size() > line_length)
        fold();
    put(at_start_ || blanks.empty() ? " " : blanks);
    put(text);
    at_start_ = false;
}

void HeaderWriter::encoded(std::string_view blanks, std::string_view text) {
    constexpr std::string_view prefix = "=?utf-8?Q?";
    constexpr std::size_t frame = prefix.size() + 2;
    constexpr std::size_t least_room = frame + 12; // one four-byte character
    while (!text.empty()) {
        if (column_ + blanks.size() + least_room > line_length)
            fold();
        const std::size_t room =
            line_length - column_ - std::max<std::size_t>(blanks.size(), 1) - frame;
        std::string word;
        // RFC 2047, 5: characters are not cut, since each word may be decoded by itself.
        while (!text.empty()) {
            std::string next;
            const std::size_t length = character_length(text, 0);
            append_q(next, text.substr(0, length));
            if (word.size() + next.size() > room)
                break;
            word += next;
            text.remove_prefix(length);
        }
        put(at_start_ || blanks.empty() ? " " : blanks);
        put(prefix);
        put(word);
        put("?=");
        at_start_ = false;
        blanks = " "; // between encoded words it is not part of the text
    }
}

void HeaderWriter::text(std::string_view name, std::string_view value) {
    begin(name);
    const std::string line = one_line(value);
    const std::vector<Word> words = words_of(line);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].encode) {
            token(words[i].blanks, words[i].text);
            continue;
        }
        // Neighbours share an encoded word: blanks between two of them would get lost.
        const char* start = words[i].text.data();
        const std::string_view blanks = words[i].blanks;
        while (i + 1 < words.size() && words[i + 1].encode)
            ++i;
        const char* stop = words[i].text.data() + words[i].text.size();
        encoded(blanks, {start, static_cast<std::size_t>(stop - start)});
    }
    end();
}

void HeaderWriter::id(std::string_view name, std::string_view id) {
    std::string clean{id};
    std::erase_if(clean, [](char c) { return !is_printable(c) || c == '<' || c == '>'; });
    // Better none than a part of it, which would be the id of something else.
    if (clean.empty() || clean.size() > max_word_length)
        return;
    begin(name);
    token(" ", '<' + clean + '>');
    end();
}

void HeaderWriter::ids(std::string_view name, const stringlist_t* ids) {
    bool begun = false;
    for (; ids != nullptr; ids = ids->next) {
        std::string clean{ids->value != nullptr ? ids->value : ""};
        std::erase_if(clean, [](char c) { return !is_printable(c) || c == '<' || c == '>'; });
        if (clean.empty() || clean.size() > max_word_length)
            continue;
        if (!begun)
            begin(name);
        begun = true;
        token(" ", '<' + clean + '>');
    }
    if (begun)
        end();
}

void HeaderWriter::phrase(std::string_view text) {
    const std::string line = one_line(text);
    const auto is_word = [](std::string_view word) {
        return !word.empty() && std::all_of(word.begin(), word.end(), is_atom_char);
    };
    // Atoms can be folded between each other, a quoted string is one token.
    const std::vector<std::string_view> words = split(line, ' ');
    const bool ascii =
        std::all_of(line.begin(), line.end(), [](char c) { return is_printable(c) || c == ' '; });
    // The plainest form that brings the name over: atoms, a quoted string, encoded words.
    const bool tame = ascii && line == trim(line) && line.find("=?") == std::string::npos;
    if (tame && std::all_of(words.begin(), words.end(), is_word) && line.size() < max_word_length) {
        for (const std::string_view word : words)
            token(" ", word);
    } else if (const std::string text_in_quotes = quoted(line);
               tame && text_in_quotes.size() < line_length) {
        token(" ", text_in_quotes);
    } else {
        encoded(" ", line);
    }
}

Expected<void> HeaderWriter::mailbox(const pEp_identity& identity) {
    auto spec = spec_of(identity.address);
    if (!spec)
        return fail(spec);
    if (missing(identity.username)) {
        token(" ", *spec);
        return {};
    }
    phrase(identity.username);
    token(" ", '<' + *spec + '>');
    return {};
}

Expected<void> HeaderWriter::addresses(std::string_view name, const identity_list* list) {
    bool begun = false;
    for (; list != nullptr; list = list->next) {
        // A node without identity is what the C API calls an empty list.
        if (list->ident == nullptr || missing(list->ident->address))
            continue;
        if (begun)
            comma();
        else
            begin(name);
        begun = true;
        if (auto written = mailbox(*list->ident); !written)
            return written;
    }
    if (begun)
        end();
    return {};
}

Expected<void> HeaderWriter::address(std::string_view name, const pEp_identity& identity) {
    if (missing(identity.address))
        return {};
    begin(name);
    if (auto written = mailbox(identity); !written)
        return written;
    end();
    return {};
}

void HeaderWriter::phrases(std::string_view name, const stringlist_t* list) {
    bool begun = false;
    for (; list != nullptr; list = list->next) {
        if (missing(list->value))
            continue;
        if (begun)
            comma();
        else
            begin(name);
        begun = true;
        phrase(list->value);
    }
    if (begun)
        end();
}

void HeaderWriter::date(std::string_view name, const timestamp& when) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // Through seconds since the epoch, so that fields out of range are normalised.
    // A zone has hours and minutes only (RFC 5322, 3.3).
    const long offset = when.tm_gmtoff / 60 * 60;
    const time_t local = timegm_with_gmtoff(&when) + offset;

    struct tm tm {};

    if (offset <= -86'400 || offset >= 86'400 || gmtime_r(&local, &tm) == nullptr ||
        tm.tm_year < 0 || tm.tm_year > 8099)
        return;
    const long minutes = (offset < 0 ? -offset : offset) / 60;
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%s, %02d %s %04d %02d:%02d:%02d %c%02ld%02ld",
        days.at(static_cast<std::size_t>(tm.tm_wday)),
        tm.tm_mday,
        months.at(static_cast<std::size_t>(tm.tm_mon)),
        tm.tm_year + 1900,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        offset < 0 ? '-' : '+',
        minutes / 60,
        minutes % 60
    );
    begin(name);
    token(" ", {text.data(), static_cast<std::size_t>(length)});
    end();
}

void HeaderWriter::open(std::string_view name, std::string_view value) {
    begin(name);
    token(" ", value);
}

void HeaderWriter::parameter(std::string_view name, std::string_view value) {
    const std::string line = one_line(value);
    put(";");
    const bool plain =
        std::all_of(line.begin(), line.end(), [](char c) { return is_printable(c) || c == ' '; });
    // Programs decode encoded words in quotes, too, although RFC 2047, 5 forbids them there.
    if (plain && line.size() <= max_word_length && line.find("=?") == std::string::npos) {
        token(" ", std::string{name} + '=' + quoted(line));
        return;
    }
    // RFC 2231: percent encoding, in numbered pieces when it is long
    constexpr std::size_t piece_length = 50;
    std::vector<std::string> pieces{"utf-8''"};
    for (const char c : line) {
        if (pieces.back().size() > piece_length)
            pieces.emplace_back();
        const auto byte = static_cast<unsigned char>(c);
        if (is_alnum(c) || is_one_of(c, "-._"))
            pieces.back() += c;
        else
            pieces.back() += {'%', hex_digits[byte >> 4U], hex_digits[byte & 15U]};
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        // RFC 2231, 3 and 4: the number counts the pieces, the star says that they are encoded.
        const std::string number = pieces.size() > 1 ? '*' + std::to_string(i) : std::string{};
        if (i > 0)
            put(";");
        token(" ", std::string{name} + number + "*=" + pieces[i]);
    }
}

} // namespace pep::engine::mime
