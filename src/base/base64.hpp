// Base64 (RFC 4648): the standard alphabet, decoded as leniently as the clients' existing data
// needs, and the URL alphabet without padding for tokens. Pure functions; any thread.
#pragma once

#include "base/expected.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pep {

/// Standard alphabet, padded, no line breaks.
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// How long that is for so many bytes.
[[nodiscard]] constexpr std::size_t base64_encoded_size(std::size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

/// The same into `out`, which has room for all of it; no NUL behind. Returns its end. A multiple of
/// three bytes ends without padding, so a text can be made in pieces.
char* base64_encode_to(std::string_view bytes, char* out);

/// Standard alphabet. TAB, LF, FF, CR and blank are skipped, padding is optional, and decoding goes
/// on behind a padded quantum ("QQ==QQ==" is two bytes). Any other character, '-' and '_' among
/// them, a single left-over character, or misplaced padding is an error that names the offset only.
Expected<std::string> base64_decode(std::string_view text);

/// More than the bytes that so many characters can stand for.
[[nodiscard]] constexpr std::size_t base64_decoded_room(std::size_t characters) noexcept {
    return characters / 4 * 3 + 3;
}

/// The same into `out`, which has base64_decoded_room(); the number of bytes.
Expected<std::size_t> base64_decode_to(std::string_view text, char* out);

/// URL alphabet, without padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

} // namespace pep
