// decrypt_message: from a received message to what its reader gets, with signer, recipients and
// rating (engine messages 6).
#pragma once

#include "base/expected.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

struct Decryption {
    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    OwnedMessage msg;                 ///< null when there was no plaintext
    std::vector<std::string> keylist; ///< signer or "", then recipients; empty without plaintext
    PEP_rating rating = PEP_rating_undefined;
    PEP_decrypt_flags_t flags = 0; ///< outgoing bits only
};

/// Decrypt `src`. Its rating is set; an unencrypted message loses the rating headers somebody sent
/// along, and its sender is completed. A failed decryption is a Decryption whose status says so.
///
/// With flag untrusted_server `src` may come back encrypted again, for the `extra` keys, too (see
/// message_reencrypt.hpp); CANNOT_REENCRYPT when that failed, with all results of the decryption.
[[nodiscard]] Expected<Decryption> decrypt(
    pEp_session_& session,
    message& src,
    const stringlist_t* extra = nullptr,
    PEP_decrypt_flags_t flags = 0
);

} // namespace pep::engine
