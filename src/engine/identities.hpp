// Who is who: identities, users and the key chosen for each (engine reference 3.4-3.7, 4). The
// functions work on the C struct in place; a session is checked by the caller.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/identity_list.h"
#include "pEp/pEpEngine.h"

#include <string>

namespace pep::engine {

enum class Generate { yes, no };
enum class Renew { yes, no };
enum class Write { yes, no };

/// keymanagement.h update_identity().
[[nodiscard]] Expected<void> update_identity(pEp_session_& session, pEp_identity& identity);

/// keymanagement.h myself(); with `no` for all three the read-only look-up used for own recipients.
/// GET_KEY_FAILED when there is no key and none may be made.
[[nodiscard]] Expected<void>
myself(pEp_session_& session, pEp_identity& identity, Generate generate, Renew renew, Write write);

/// me set, or user_id is the default own user id.
[[nodiscard]] Expected<bool> is_mine(pEp_session_& session, const pEp_identity& identity);

/// Is `address` (tolerant comparison) the address of an own identity?
[[nodiscard]] Expected<bool> is_own_address(pEp_session_& session, const char* address);

/// User id of any own identity; CANNOT_FIND_IDENTITY when there is none.
[[nodiscard]] Expected<std::string> own_user_id(pEp_session_& session);

/// Trust (user_id, key): the key is the user's own, ct is pEp and the secret part is here.
[[nodiscard]] Expected<bool> is_own_key(pEp_session_& session, const std::string& fpr);

/// Stored default key of (address, user_id); "" when none.
[[nodiscard]] Expected<std::string>
default_identity_fpr(pEp_session_& session, const char* address, const char* user_id);

/// Make `fpr` the default of an identity that has none yet, with trust taken from the key (raw
/// rating, or p≡p level for p≡p users): how a key that came with a mail is adopted (engine
/// reference 4.5).
[[nodiscard]] Expected<void>
adopt_default_key(pEp_session_& session, const pEp_identity& identity, const std::string& fpr);

/// Mark as p≡p user, raise trust rows and versions.
[[nodiscard]] Expected<void> set_as_pep_user(pEp_session_& session, const pEp_identity& identity);

/// Raise, never lower, the stored protocol version.
[[nodiscard]] Expected<void> raise_protocol_version(
    pEp_session_& session, const pEp_identity& identity, unsigned major, unsigned minor
);

/// Overwrite the stored display name of the identity and its person.
[[nodiscard]] Expected<void>
force_username(pEp_session_& session, const pEp_identity& identity, const char* username);

/// Remember that `contact_user_id` was written to from an own address.
[[nodiscard]] Expected<void>
note_contact(pEp_session_& session, const pEp_identity& own, const char* contact_user_id);

/// Trust row of (user, key): unknown when there is none.
[[nodiscard]] Expected<PEP_comm_type>
trust_of(pEp_session_& session, const char* user_id, const std::string& fpr);

/// Lift the trust of (user, key) to the p≡p level, keeping the confirmed bit: 0x38 -> 0x7f, 0xb8 ->
/// 0xff.
[[nodiscard]] Expected<void>
raise_trust_to_pep(pEp_session_& session, const char* user_id, const std::string& fpr);

/// Lowest trust any user gives the key; unknown when nobody has a row.
[[nodiscard]] Expected<PEP_comm_type> least_trust_of(pEp_session_& session, const std::string& fpr);

} // namespace pep::engine
