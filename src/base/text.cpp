// UTF-8 checking by ranges (RFC 3629, table in section 4), normalisation by utf8proc.
#include "base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pep {

namespace {

/// Eight bytes from `p` on, which may be anywhere: hence memcpy.
bool is_ascii_block(const unsigned char* p) noexcept {
    std::uint64_t block = 0;
    std::memcpy(&block, p, sizeof block);
    return (block & 0x8080808080808080U) == 0;
}

// Length of the well-formed sequence that begins with a non-ASCII byte, 0 if there is none.
std::size_t sequence_length(const unsigned char* p, std::size_t left) noexcept {
    const unsigned char lead = p[0];
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    // C0 and C1 could begin overlong forms only, F5 and above nothing within Unicode.
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : low;   // overlong
        high = lead == 0xED ? 0x9F : high; // surrogates
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : low;   // overlong
        high = lead == 0xF4 ? 0x8F : high; // above U+10FFFF
    }
    if (length == 0 || length > left || p[1] < low || p[1] > high) {
        return 0;
    }
    // The first byte narrows the range of the second; all others have the full one.
    const auto continues = [](unsigned char byte) { return (byte & 0xC0U) == 0x80U; };
    return std::all_of(p + 2, p + length, continues) ? length : 0;
}

/// A copy in which each character went through `Change`.
template <char (*Change)(char)>
std::string changed(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), Change);
    return result;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        // Most text is ASCII: eight bytes at a step where they are.
        std::size_t step = 1;
        if (left >= 8 && is_ascii_block(p)) {
            step = 8;
        } else if (*p >= 0x80) {
            step = sequence_length(p, left);
            if (step == 0) {
                return false;
            }
        }
        p += step;
        left -= step;
    }
    return true;
}

bool is_ascii(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) { return (c & '\x80') != 0; });
}

Expected<std::string> to_nfc(std::string_view text) {
    // The same in all normalisation forms.
    if (is_ascii(text)) {
        return std::string(text);
    }
    // utf8proc is to meet text that is known to be well-formed only.
    if (!is_utf8(text)) {
        return fail(0, "text is not UTF-8");
    }
    // STABLE and COMPOSE together are form C. Without NULLTERM the size counts, so NUL is a
    // character like any other. The result comes from malloc().
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &mapped,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE)
    );
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (size < 0) {
        return fail(0, "text cannot be normalised");
    }
    return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

bool is_nfc(std::string_view text) {
    if (is_ascii(text)) {
        return true;
    }
    const Expected<std::string> normal = to_nfc(text);
    return normal && *normal == text;
}

std::string to_lower(std::string_view text) { return changed<to_lower>(text); }

std::string to_upper(std::string_view text) { return changed<to_upper>(text); }

// Four iterators: texts of different length are unequal, not read beyond the end.
bool iequals(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return to_lower(x) == to_lower(y);
    });
}

bool istarts_with(std::string_view text, std::string_view prefix) noexcept {
    // A shorter text gives a shorter part, which is unequal.
    return iequals(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    // Blanks only: find_last_not_of() below would find nothing either.
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        // The part behind the last separator is one, too, though it may be empty.
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

} // namespace pep
