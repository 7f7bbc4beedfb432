// Telling others that an own key was replaced (engine reference 7.6): recent p≡p contacts at once,
// later ones when they still write to the old key. Each is told once; none of this fails a caller.
#pragma once

#include "base/expected.hpp"
#include "engine/distribution_codec.hpp"
#include "engine/key_reset.hpp"
#include "engine/mime_codec.hpp"
#include "engine/session.hpp"

#include <string>
#include <vector>

namespace pep::engine {

/// Contacts written to, or first met, within this time count as recent.
inline constexpr int recent_contact_days = 14;

/// Send one message to each recent contact of the identity. Without messageToSend nobody is told.
void tell_recent_contacts(pEp_session_& session, const Replacement& replacement);

/// A message of `sender` was encrypted to `recipients`: for each of these keys that was replaced,
/// tell him once from each of the `addressed` own identities that has the new key. Only p≡p
/// contacts the user has written to are told.
void tell_late_contact(
    pEp_session_& session,
    const pEp_identity& sender,
    const std::vector<std::string>& recipients,
    const std::vector<const pEp_identity*>& addressed
);

/// An identity as its wire form wants it.
[[nodiscard]] WireIdentity wire_identity(const Identity& identity);

/// Encrypt a key reset message. UNENCRYPTED is an error: such a message is never sent in the clear.
[[nodiscard]] Expected<OwnedMessage> encrypt_key_reset(pEp_session_& session, message& msg);

} // namespace pep::engine
