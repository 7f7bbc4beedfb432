// Small text helpers: UTF-8 and NFC checks, ASCII letters regardless of the locale, splitting.
// Pure functions; any thread.
#pragma once

#include "base/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep {

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// Well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or code points above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The text in Unicode normalisation form C; fails if it is not UTF-8.
Expected<std::string> to_nfc(std::string_view text);

/// UTF-8 already in normalisation form C.
[[nodiscard]] bool is_nfc(std::string_view text);

[[nodiscard]] constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr char to_upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

/// ASCII letters only; other bytes stay.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b) noexcept;

/// `text` begins with `prefix`, whatever the case of ASCII letters.
[[nodiscard]] bool istarts_with(std::string_view text, std::string_view prefix) noexcept;

/// Without blanks, TAB, CR, LF, VT and FF at both ends. A view into `text`.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// The parts between separators, empty ones included ("a,,b" has three). Views into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

} // namespace pep
