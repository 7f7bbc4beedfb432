// Own identities and keys as lists, and keeping own default keys usable (engine reference 3.5.3,
// 3.7).
#pragma once

#include "base/expected.hpp"
#include "engine/identity_store.hpp"
#include "engine/keys.hpp"
#include "engine/session.hpp"

#include <string>
#include <vector>

namespace pep::engine {

/// Own identities with none of the flags, oldest first. The signing identity is not one of them.
[[nodiscard]] Expected<std::vector<IdentityRow>>
own_identities(pEp_session_& session, unsigned excluded_flags);

/// Fingerprints in the user's trust whose public, or secret, part is here; but for the signing
/// identity's.
[[nodiscard]] Expected<std::vector<std::string>> own_keys(pEp_session_& session, Which which);

/// keymanagement.h set_own_imported_key().
[[nodiscard]] Expected<void>
use_own_imported_key(pEp_session_& session, pEp_identity& me, const std::string& fpr, bool sticky);

/// keymanagement.h clean_own_key_defaults(). An identity whose key cannot be replaced stops it;
/// those before it are done.
[[nodiscard]] Expected<void> clean_own_defaults(pEp_session_& session);

} // namespace pep::engine
