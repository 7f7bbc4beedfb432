// A message on its way from ciphertext to reader: the state the steps of decrypt_message share. The
// steps are declared here, one file each: message_open.cpp takes off the encryption,
// message_inner.cpp the p≡p layers beneath, message_sender.cpp decides who wrote it and what that
// is worth.
#pragma once

#include "engine/message_format.hpp"
#include "engine/message_keys.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <string>
#include <vector>

namespace pep::engine {

struct Incoming {
    Incoming(pEp_session_& session_in, Context& context_in, message& src_in)
        : session(session_in), context(context_in), src(src_in),
          passphrase(session_in.passphrase ? &*session_in.passphrase : nullptr),
          pep_message(is_pEp_msg(&src_in)), outer_version(version_field(src_in, header::version)),
          keys(context_in, passphrase) {}

    // Borrowed for the call.
    pEp_session_& session; // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    Context& context;      // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    message& src;          // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    Passphrase passphrase;

    bool pep_message; ///< carries X-pEp-Version outside
    Version outer_version;
    KeyImport keys;
    std::string sender_key;     ///< fingerprint in sender_key.asc, "" when there is none
    std::string outer_username; ///< display name as the header had it
    PEP_rating channel_rating =
        PEP_rating_undefined; ///< of the sender, before this message counted
    bool from_own = false;    ///< the outer From is the user's

    PEP_STATUS status = PEP_UNENCRYPTED;
    std::vector<std::string> keylist; ///< signer or "", then recipients
    OwnedMessage msg;                 ///< what the reader gets; null until decrypted
    bool has_inner = false;           ///< the second part of `msg` may be the real message

    Version sender_version;     ///< X-pEp-Version, inside if wrapped
    Version message_version;    ///< 1.0 unless wrapped; 0.0 of other programs
    bool wrapped = false;       ///< `msg` came out of an envelope
    bool violation = false;     ///< of the wrapping rules
    bool old_key_reset = false; ///< marked as key reset the way release 2.1 did
    bool bare_files = false;    ///< an inline message with files outside of the encryption
    bool reencrypted = false;   ///< by the user, whose key signed; `_sender_fpr` had before

    PEP_rating rating = PEP_rating_undefined;
    PEP_decrypt_flags_t flags = 0;

    [[nodiscard]] bool verified() const { return status == PEP_DECRYPTED_AND_VERIFIED; }

    [[nodiscard]] const std::string& signer() const { return keylist.front(); }
};

/// Decrypt `in.src` of that format into `in.msg` (engine messages 6.5). An error is the status to
/// return.
[[nodiscard]] Expected<void> open_message(Incoming& in, PEP_enc_format format);

/// Subject and marks out of the body, the inner message out of its envelope (6.6, 6.7).
/// UNKNOWN_ERROR for a wrapping nobody knows.
[[nodiscard]] Expected<void> unwrap_message(Incoming& in);

/// Complete the sender of a message as far as known, without changing what is known but for a new
/// identity. True when it is the user.
[[nodiscard]] bool complete_sender(pEp_session_& session, pEp_identity& from);

/// Look at the outer sender before anything in the message counts (6.1).
[[nodiscard]] Expected<void> meet_sender(Incoming& in);

/// 6.4: what an unencrypted message tells about its sender.
[[nodiscard]] Expected<void> learn_from_unencrypted(Incoming& in);

/// 6.8-6.10: claims, bookkeeping and rating of a decrypted message.
[[nodiscard]] Expected<void> judge_sender(Incoming& in);

} // namespace pep::engine
