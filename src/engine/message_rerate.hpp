// Questions about a message that need no decryption, or were answered by one before: its rating now
// (engine messages 7.4, 7.6), the trustwords of its sender (engine reference 6.3), its key ids.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

/// message_api.h re_evaluate_message_rating(); the sender of `msg` is completed.
[[nodiscard]] Expected<PEP_rating>
rate_again(pEp_session_& session, message& msg, const stringlist_t* keylist, PEP_rating rating);

/// message_api.h outgoing_message_rating_preview().
[[nodiscard]] Expected<PEP_rating> rate_preview(pEp_session_& session, const message& msg);

/// message_api.h get_message_trustwords(); `keylist` may be null.
[[nodiscard]] Expected<std::string> message_trustwords(
    pEp_session_& session,
    const message& msg,
    const stringlist_t* keylist,
    const pEp_identity& received_by,
    const char* lang,
    bool full
);

/// Key ids, 16 hex digits each, of the session key packets of an encrypted message. UNENCRYPTED
/// when there is no ciphertext.
[[nodiscard]] Expected<std::vector<std::string>> key_ids_of(const message& msg);

} // namespace pep::engine
