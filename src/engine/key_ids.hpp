// Whom an OpenPGP message is encrypted to, as far as it tells without being decrypted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// Key ids (16 upper case hex digits, zeros for a hidden recipient) of the session key packets at
/// the start of an armored or binary message. Pure function; any thread.
[[nodiscard]] std::vector<std::string> recipient_key_ids(std::string_view message);

} // namespace pep::engine
