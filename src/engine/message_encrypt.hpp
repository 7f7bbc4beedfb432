// encrypt_message: who gets the message, in which layout, and what the outside shows (engine
// messages 4).
#pragma once

#include "base/expected.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

namespace pep::engine {

/// Encrypt `src` for its recipients and, where allowed, the `extra` keys. PEP_STATUS_OK fills
/// `dst`; PEP_UNENCRYPTED leaves it empty, and `src`, with the own key attached perhaps, is what to
/// send. The identities of `src` are completed in any case; on an error nothing else of it is
/// changed.
///
/// Bcc recipients can decrypt the result, but no header inside or outside names them: the caller
/// takes the transport's recipients from `src`.
[[nodiscard]] Expected<PEP_STATUS> encrypt(
    pEp_session_& session,
    message& src,
    const stringlist_t* extra,
    OwnedMessage& dst,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
);

} // namespace pep::engine
