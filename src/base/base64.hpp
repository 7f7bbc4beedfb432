// Base64 (RFC 4648): the standard alphabet, decoded as leniently as the clients' existing data
// needs, and the URL alphabet without padding for tokens. Pure functions; any thread.
#pragma once

#include "base/expected.hpp"

#include <string>
#include <string_view>

namespace pep {

/// Standard alphabet, padded, no line breaks.
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// Standard alphabet. TAB, LF, FF, CR and blank are skipped, padding is optional, and decoding goes
/// on behind a padded quantum ("QQ==QQ==" is two bytes). Any other character, '-' and '_' among
/// them, a single left-over character, or misplaced padding is an error that names the offset only.
Expected<std::string> base64_decode(std::string_view text);

/// URL alphabet, without padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

} // namespace pep
