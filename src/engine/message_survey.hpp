// Whom a message is for: identities looked up, keys collected, and what the weakest recipient
// allows (engine messages 4.1).
#pragma once

#include "base/expected.hpp"
#include "engine/message_format.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

/// What is known once all recipients were looked up.
struct Survey {
    std::vector<std::string> fprs;   ///< the sender's first, then those of To and Cc
    std::vector<std::string> hidden; ///< of Bcc
    PEP_comm_type weakest = PEP_ct_pEp;
    Version version = own_version; ///< the lowest of To and Cc
    bool any = false;
    bool pep_user = false;
    bool keys_missing = false;
    bool unreachable = false; ///< a recipient could not even be looked up
    std::string media_key;    ///< of the mail system of all recipients, when they have no keys

    [[nodiscard]] bool encryptable() const {
        return !keys_missing && !unreachable &&
               rating_from_comm_type(weakest) >= PEP_rating_reliable;
    }
};

/// Look up all recipients, whose identities in `src` are completed; no keys are made for them. The
/// sender is known already.
[[nodiscard]] Expected<Survey> survey_recipients(pEp_session_& session, message& src);

/// The media key all recipients have in common, if it is here; Bcc has no business in such a mail
/// (engine messages 8.1).
[[nodiscard]] std::string
common_media_key(pEp_session_& session, Context& context, const message& src);

/// auto: what a recipient asked for, in the order To, Cc, Bcc. An explicit format is remembered for
/// all partners, with a write only where it is news.
[[nodiscard]] PEP_enc_format
settle_format(pEp_session_& session, const message& src, PEP_enc_format format);

} // namespace pep::engine
