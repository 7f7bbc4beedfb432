// The user's decisions about keys: confirm, reject, take back (engine reference 3.6), and which
// keys are the user's own. Identities are checked for required members by the caller; fingerprints
// are normalised here.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/pEpEngine.h"

#include <optional>
#include <string>

namespace pep::engine {

/// keymanagement.h trust_personal_key(); comm_type of the identity becomes the new trust.
[[nodiscard]] Expected<void> trust_personal_key(pEp_session_& session, pEp_identity& identity);

/// keymanagement.h trust_own_key().
[[nodiscard]] Expected<void> trust_own_key(pEp_session_& session, pEp_identity& identity);

/// keymanagement.h key_mistrusted().
[[nodiscard]] Expected<void> mistrust_key(pEp_session_& session, pEp_identity& identity);

/// keymanagement.h key_reset_trust().
[[nodiscard]] Expected<void> reset_trust(pEp_session_& session, const pEp_identity& identity);

/// pEpEngine.h mark_as_compromised().
[[nodiscard]] Expected<void> distrust_everywhere(pEp_session_& session, const std::string& fpr);

/// keymanagement.h set_own_key().
[[nodiscard]] Expected<void>
use_own_key(pEp_session_& session, pEp_identity& me, const std::string& fpr);

/// keymanagement.h set_comm_partner_key().
[[nodiscard]] Expected<void>
use_partner_key(pEp_session_& session, pEp_identity& identity, const std::string& fpr);

/// Trust row of (user, key), or nothing.
[[nodiscard]] Expected<std::optional<PEP_comm_type>>
find_trust(pEp_session_& session, const std::string& user_id, const std::string& fpr);

/// Does a trust row for the key belong to a user with an own identity?
[[nodiscard]] Expected<bool> own_key_is_listed(pEp_session_& session, const std::string& fpr);

} // namespace pep::engine
