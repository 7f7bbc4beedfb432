// encrypt_message: who gets the message, in which layout, and what the outside shows (engine
// messages 4).
#pragma once

#include "base/expected.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

/// Encrypt `src` for its recipients and, where allowed, the `extra` keys. PEP_STATUS_OK fills
/// `dst`; PEP_UNENCRYPTED leaves it empty, and `src`, with the own key attached perhaps, is what to
/// send. The identities of `src` are completed in any case, and a rating it got when it was
/// received goes; on an error nothing else of it is changed.
///
/// Bcc recipients can decrypt the result, but nothing in it names them, neither header nor key id:
/// the caller takes the transport's recipients from `src`. That there are some can be counted; who
/// wants to hide that, too, encrypts for each of them separately.
[[nodiscard]] Expected<PEP_STATUS> encrypt(
    pEp_session_& session,
    message& src,
    const stringlist_t* extra,
    OwnedMessage& dst,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
);

// What all encryptions have in common.

/// Is it a format encrypt_message knows, `none` and `auto` included?
[[nodiscard]] bool is_known(PEP_enc_format format);

/// One recipient, whose address is the sender's.
[[nodiscard]] bool is_sync_with_self(const message& src);

/// The values of a list of extra keys, normalised; what is no fingerprint becomes "".
[[nodiscard]] std::vector<std::string> fprs_of(const stringlist_t* list);

/// The statuses of a locked key, if it is one; any other trouble with it is left to its use.
[[nodiscard]] Expected<void>
check_key_is_open(pEp_session_& session, Context& context, const std::string& fpr);

} // namespace pep::engine
