// =?charset*language?encoding?text?= (see the header).
#include "engine/mime_encoded_words.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "engine/mime_charsets.hpp"

#include <algorithm>
#include <optional>

namespace pep::engine::mime {

namespace {

struct Word {
    std::string_view charset; ///< with the language
    char encoding = 'q';      ///< lower case
    std::string_view text;
    std::size_t size = 0; ///< of all, with the marks
};

/// Finds the end marks of one line, in order: each is searched once, however many words begin
/// before it.
class EndMarks {
  public:
    explicit EndMarks(std::string_view line) : line_(line) {}

    /// The first "?=" not before `begin`, which never goes back; npos: there is none.
    [[nodiscard]] std::size_t from(std::size_t begin) {
        if (next_ < begin)
            next_ = line_.find("?=", begin);
        return next_;
    }

  private:
    std::string_view line_;
    std::size_t next_ = 0;
};

/// The encoded word that begins at `at`.
std::optional<Word> word_at(std::string_view line, std::size_t at, EndMarks& ends) {
    constexpr auto none = std::string_view::npos;
    const std::size_t charset_end = line.find('?', at + 2);
    if (charset_end == none || charset_end + 2 >= line.size() || line[charset_end + 2] != '?')
        return std::nullopt;
    // The end is searched from here on: in `=?utf-8?Q?=41?=` the "?" in front of the text and the
    // text itself look like one.
    const std::size_t begin = charset_end + 3;
    const std::size_t end = ends.from(begin);
    if (end == none)
        return std::nullopt;
    Word word;
    word.charset = line.substr(at + 2, charset_end - at - 2);
    word.encoding = to_lower(line[charset_end + 1]);
    word.text = line.substr(begin, end - begin);
    word.size = end + 2 - at;
    // RFC 2047, 2: no blanks and no "=" in the charset. Text that only looks like a word stays.
    const bool is_token = word.charset.find_first_of(" \t=") == none;
    const bool is_known = word.encoding == 'q' || word.encoding == 'b';
    return is_token && is_known ? std::optional{word} : std::nullopt;
}

/// What can be decoded of a text that may lack padding, or have blanks in it.
std::string bytes_of(std::string_view base64) {
    constexpr std::string_view others = "+/";
    std::string digits{base64};
    std::erase_if(digits, [&](char c) {
        const char lower = to_lower(c);
        return !(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
               others.find(c) == std::string_view::npos;
    });
    // A digit alone is less than a byte.
    if (digits.size() % 4 == 1)
        digits.pop_back();
    return base64_decode(digits).value_or(std::string{});
}

void append_quoted(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
}

void append_word(std::string& out, const Word& word) {
    // RFC 2231, 5: behind a "*" stands the language, which is handed on.
    const std::size_t name_size = std::min(word.charset.find('*'), word.charset.size());
    const std::string meant = meant_charset(word.charset.substr(0, name_size));
    out += "=?";
    out += meant.empty() ? "unknown-8bit" : meant;
    out += word.charset.substr(name_size);
    out += "?Q?";
    if (word.encoding == 'b')
        append_quoted(out, bytes_of(word.text));
    else
        out += word.text;
    out += "?=";
}

} // namespace

std::string readable_words(std::string_view line) {
    std::string out;
    out.reserve(line.size());
    EndMarks ends{line};
    std::size_t done = 0;
    for (std::size_t at = line.find("=?"); at != std::string_view::npos;
         at = line.find("=?", done)) {
        out.append(line, done, at - done);
        if (const auto word = word_at(line, at, ends)) {
            append_word(out, *word);
            done = at + word->size;
        } else {
            out.append(line, at, 2);
            done = at + 2;
        }
    }
    return out.append(line, done);
}

} // namespace pep::engine::mime
