// Tables of names (see the header).
#include "engine/mime_charsets.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pep::engine::mime {

namespace {

using Name = std::pair<std::string_view, std::string_view>;

/// Sorted by what is stated.
constexpr std::array names{
    Name{"8bit", ""},
    Name{"ansi_x3.4-1968", ""}, // ASCII; bytes above tell that it is something else
    Name{"ascii", ""},
    Name{"big5", "big5-hkscs"},
    Name{"default", ""},
    Name{"euc-jp", "euc-jp-ms"},
    Name{"euc-kr", "cp949"},
    Name{"gb2312", "gb18030"},
    Name{"gb_2312-80", "gb18030"},
    Name{"gbk", "gb18030"},
    Name{"iso-8859-1", "windows-1252"},
    Name{"iso-8859-11", "windows-874"},
    Name{"iso-8859-9", "windows-1254"},
    Name{"iso8859-1", "windows-1252"},
    Name{"iso_8859-1", "windows-1252"},
    Name{"ks_c_5601-1987", "cp949"},
    Name{"ksc5601", "cp949"},
    Name{"latin1", "windows-1252"},
    Name{"mac-roman", "macintosh"},
    Name{"shift-jis", "cp932"},
    Name{"shift_jis", "cp932"},
    Name{"sjis", "cp932"},
    Name{"tis-620", "windows-874"},
    Name{"unicode-1-1-utf-7", "utf-7"},
    Name{"unknown", ""},
    Name{"unknown-8bit", ""},
    Name{"us-ascii", ""},
    Name{"windows-31j", "cp932"},
    Name{"windows-949", "cp949"},
};

static_assert(std::is_sorted(names.begin(), names.end()));

/// Quotes are no part of a name, but mails have them there.
std::string_view without_quotes(std::string_view text) {
    constexpr std::string_view quotes = "'\" \t";
    const std::size_t begin = text.find_first_not_of(quotes);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(quotes) - begin + 1);
}

const Name* find(std::string_view name) {
    const auto* at = std::lower_bound(
        names.begin(),
        names.end(),
        name,
        [](const Name& known, std::string_view wanted) { return known.first < wanted; }
    );
    return at != names.end() && at->first == name ? at : nullptr;
}

} // namespace

std::string meant_charset(std::string_view stated) {
    std::string name = to_lower(without_quotes(stated));
    if (name.starts_with("cp-")) // cp-1251 and the like
        name.erase(2, 1);
    if (const Name* known = find(name))
        return std::string{known->second};
    // The same name without it is the real one; one of them has it twice.
    constexpr std::string_view experimental = "x-";
    while (name.starts_with(experimental)) {
        name.erase(0, experimental.size());
        if (const Name* known = find(name))
            return std::string{known->second};
    }
    return name;
}

// The escape sequences of RFC 1468, and ESC ( I for half-width kana, which programs send although
// it is not among them.
std::string iso_2022_jp_as_euc(std::string_view text) {
    constexpr char escape = '\x1B';
    constexpr char single_shift = '\x8E'; // a half-width kana follows
    enum class Set { ascii, kanji, kana };
    Set set = Set::ascii;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view sequence = text.substr(i, 3);
        const auto is = [&](std::string_view which) { return sequence.substr(1) == which; };
        if (text[i] == escape && (is("$B") || is("$@") || is("(B") || is("(J") || is("(I"))) {
            set = sequence[1] == '$' ? Set::kanji : sequence[2] == 'I' ? Set::kana : Set::ascii;
            i += 2;
            continue;
        }
        const bool shifted = set != Set::ascii && text[i] > ' ';
        // Kana share the high half with kanji: only the byte in front tells them apart.
        if (shifted && set == Set::kana)
            out += single_shift;
        const auto byte = static_cast<unsigned char>(text[i]);
        // EUC is the same code with the high bit set.
        out += shifted ? static_cast<char>(byte | 0x80U) : text[i];
        if (text[i] == '\n') // every line begins in ASCII, also where a program forgot to say so
            set = Set::ascii;
    }
    return out;
}

} // namespace pep::engine::mime
