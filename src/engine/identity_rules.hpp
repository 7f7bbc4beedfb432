// The rules behind update_identity() and myself(), for use inside one run of a Scope. Private to
// the engine's identity part; others use identities.hpp.
#pragma once

#include "base/expected.hpp"
#include "engine/identities.hpp"
#include "engine/key_validity.hpp"

#include <string>

namespace pep::engine {

/// Engine reference 3.5.1, on a value.
[[nodiscard]] Expected<void> update_rule(const Scope& scope, Identity& identity);

/// Engine reference 3.5.2: OK, GET_KEY_FAILED, or why no key could be made; what else is known is
/// stored in any case. Passphrase statuses of a renewal are errors: nothing is stored then.
[[nodiscard]] Expected<PEP_STATUS>
own_rule(const Scope& scope, Identity& identity, Generate generate, Renew renew);

enum class PersonName { overwrite, keep };

/// Engine reference 3.4, set_identity: store person, identity, key and trust. Kept, unlike there:
/// an existing default key when fpr is empty, and existing trust when ct is unknown.
[[nodiscard]] Expected<void>
store_rule(IdentityStore& store, const Identity& identity, PersonName name = PersonName::overwrite);

/// Mark a user as p≡p user and lift trust and versions accordingly. The person must exist.
[[nodiscard]] Expected<void> pep_user_rule(IdentityStore& store, const std::string& user_id);

/// Give everything stored about `old_id` to `new_id`, merging (8.4) when that is known already.
[[nodiscard]] Expected<void>
replace_user_id(IdentityStore& store, const std::string& old_id, const std::string& new_id);

/// me set, or the default own user id.
[[nodiscard]] Expected<bool> is_mine_rule(IdentityStore& store, const Identity& identity);

} // namespace pep::engine
