// Ratings: what decryption status, signer, recipients and trust amount to (engine messages 7).
// Those of outgoing messages and identities never make or renew keys.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

/// 7.1: what the outcome of a decryption alone is worth.
[[nodiscard]] PEP_rating rating_from_status(PEP_STATUS status);

/// 7.2: the comm_type of a set of recipients after one more. A compromised or mistrusted one wins
/// over all; otherwise the weakest counts.
[[nodiscard]] PEP_comm_type combine(PEP_comm_type so_far, PEP_comm_type next);

/// 7.3: the rating of a received message, given signer (head of `keylist`) and recipients. `sender`
/// may be null. Above `reliable` only when `rating` is reliable and the signer is trusted.
[[nodiscard]] Expected<PEP_rating> amend_rating(
    pEp_session_& session,
    PEP_rating rating,
    const pEp_identity* sender,
    const std::vector<std::string>& keylist
);

/// 7.4: rating an outgoing message will have. The message is not changed.
[[nodiscard]] Expected<PEP_rating> rate_outgoing(pEp_session_& session, const message& msg);

/// 7.4 for a comm_type combined over at least one recipient.
[[nodiscard]] PEP_rating rate_recipients(PEP_comm_type combined);

/// 7.5: rating of messages to an identity, which is completed as update_identity() or myself() do.
[[nodiscard]] Expected<PEP_rating> rate_identity(pEp_session_& session, pEp_identity& identity);

} // namespace pep::engine
