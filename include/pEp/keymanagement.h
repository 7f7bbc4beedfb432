/* Which key belongs to whom, and how far it is trusted. */
#pragma once

#include "identity_list.h"
#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Complete what is known about a communication partner: user id, name, key and its trust. Never for
 *  own identities given as such (PEP_ILLEGAL_VALUE); never generates or renews a key. */
PEP_API PEP_STATUS update_identity(PEP_SESSION session, pEp_identity* identity);

/** Make `identity` an own one with a usable key: generates, or renews, a key when needed. */
PEP_API PEP_STATUS myself(PEP_SESSION session, pEp_identity* identity);

/** The trustwords were compared and are right. */
PEP_API PEP_STATUS trust_personal_key(PEP_SESSION session, pEp_identity* ident);

/** Confirm an own key. */
PEP_API PEP_STATUS trust_own_key(PEP_SESSION session, pEp_identity* ident);

/** The key is wrong: it is not used any more. An own key is revoked. */
PEP_API PEP_STATUS key_mistrusted(PEP_SESSION session, pEp_identity* ident);

/** Undo trust_personal_key or key_mistrusted. */
PEP_API PEP_STATUS key_reset_trust(PEP_SESSION session, pEp_identity* ident);

/** All own identities; none gives one node whose ident is NULL. */
PEP_API PEP_STATUS own_identities_retrieve(PEP_SESSION session, identity_list** own_identities);

/** Own identities with none of these flags. The signing identity (signature.h) is never listed. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name clients know
PEP_API PEP_STATUS _own_identities_retrieve(
    PEP_SESSION session, identity_list** own_identities, identity_flags_t excluded_flags
);

/** Keys with secret part that the user's trust names, but the signing identity's; none is
 *  PEP_STATUS_OK with NULL. */
PEP_API PEP_STATUS own_keys_retrieve(PEP_SESSION session, stringlist_t** keylist);

/** As own_keys_retrieve; private_only false: public keys, too. excluded_flags has no effect. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name clients know
PEP_API PEP_STATUS _own_keys_retrieve(
    PEP_SESSION session, stringlist_t** keylist, identity_flags_t excluded_flags, bool private_only
);

/** Does a trust row for `fpr` belong to the user? */
PEP_API PEP_STATUS own_key_is_listed(PEP_SESSION session, const char* fpr, bool* listed);

/** Use an existing key, whose secret part is stored, for an own identity. */
PEP_API PEP_STATUS set_own_key(PEP_SESSION session, pEp_identity* me, const char* fpr);

/** As set_own_key, for a key that was imported: it must be usable now (unlocked). sticky: it stays when
 *  the keys of a device group are reset. */
PEP_API PEP_STATUS set_own_imported_key(PEP_SESSION session, pEp_identity* me, const char* fpr, bool sticky);

/** At start: renew own default keys that expire, replace those that cannot be used any more. */
PEP_API PEP_STATUS clean_own_key_defaults(PEP_SESSION session);

/** Set the default key of a partner; PEP_ILLEGAL_VALUE for own identities. */
PEP_API PEP_STATUS set_comm_partner_key(PEP_SESSION session, pEp_identity* identity, const char* fpr);

PEP_END_DECLS
