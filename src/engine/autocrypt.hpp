// Autocrypt header fields of mail that goes out (Autocrypt Level 1, 2.1). Those of received mail
// are read in message_keys.hpp.
#pragma once

#include "engine/session.hpp"
#include "pEp/message.h"
#include "pEp/message_api.h"

#include <string>
#include <string_view>

namespace pep::engine {

/// The value of the field: address, preference and key, whose base64 has blanks where a header may
/// be folded. "" if the address cannot stand there, or the whole exceeds 10 KiB.
[[nodiscard]] std::string autocrypt_value(std::string_view address, std::string_view key);

/// If the session announces keys: a message to be encrypted loses the field, so that it is not
/// inside as well.
void withdraw_key(const pEp_session_& session, message& src);

/// If the session announces keys: the sender's goes into the header of `outgoing`. A key that
/// cannot be announced does not stop the message.
void announce_key(
    const pEp_session_& session,
    Context& context,
    const pEp_identity& sender,
    message& outgoing,
    PEP_encrypt_flags_t flags
);

} // namespace pep::engine
