// Key reset asked for by the user (engine reference 7.1 to 7.5). What is told to others stands in
// key_reset_contacts, what others tell us in key_reset_received.
#pragma once

#include "base/expected.hpp"
#include "engine/key_validity.hpp"
#include "engine/session.hpp"

#include <string>
#include <vector>

namespace pep::engine {

/// An own identity whose key was replaced.
struct Replacement {
    Identity own; ///< with the new key
    std::string old_fpr;
};

/// key_reset.h; fingerprints in any spelling, "" for none.
[[nodiscard]] Expected<void>
reset_key_of_identity(pEp_session_& session, const pEp_identity& identity, const std::string& fpr);
[[nodiscard]] Expected<void>
reset_key_of_user(pEp_session_& session, const std::string& user_id, const std::string& fpr);
[[nodiscard]] Expected<void> reset_all_own_keys(pEp_session_& session);
[[nodiscard]] Expected<void> reset_own_grouped_keys(pEp_session_& session);

/// A partner's key is forgotten: its trust, its use as default and, unless a secret part is here,
/// the key itself. KEY_NOT_FOUND, after all else is gone, when it is not in the key ring. Within a
/// transaction.
[[nodiscard]] Expected<PEP_STATUS>
forget_partner_key(const Scope& scope, const std::string& user_id, const std::string& fpr);

/// An own key is no longer used by anybody, and mistrusted. Within a transaction.
[[nodiscard]] Expected<void>
retire_own_key(const Scope& scope, const std::string& own_user_id, const std::string& fpr);

} // namespace pep::engine
