// Encryption without partners: messages only the user himself is to read, and his own keys on
// their way to another of his devices (engine messages 4.8, 4.9).
#pragma once

#include "base/expected.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>

namespace pep::engine {

/// Drafts, and messages encrypted again for a server that is not trusted: `src` wrapped and
/// encrypted for `target`, and for the `extra` keys of an organisation. Subject, Bcc and all else
/// of the header are inside. An identity with an address is completed as myself() does; without one
/// its fpr counts.
///
/// Of a message of one's own the key of `target` is named as the sender's; of one that was received
/// the key that had signed it, as `src._sender_fpr` says.
[[nodiscard]] Expected<OwnedMessage> encrypt_for_self(
    pEp_session_& session,
    pEp_identity& target,
    const message& src,
    const stringlist_t* extra,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
);

/// A message from the user to himself with the secret part of his default key, for the device whose
/// key `to_fpr` he confirmed; that key is encrypted once more by itself. ILLEGAL_VALUE for any
/// other recipient or key. Results as of encrypt().
[[nodiscard]] Expected<PEP_STATUS> encrypt_with_own_key(
    pEp_session_& session,
    message& src,
    const std::string& to_fpr,
    OwnedMessage& dst,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
);

} // namespace pep::engine
