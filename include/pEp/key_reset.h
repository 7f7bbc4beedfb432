/* Key reset: give up a key and, for own ones, make another and tell those who need to know.
 *
 * A partner's key is forgotten together with all trust in it. An own key is revoked and replaced;
 * recent p≡p contacts get a message with the new key through messageToSend. Each reset of one key is
 * done completely or not at all. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Reset `fpr`, or the key in use (fpr NULL or ""), of one identity, which needs address and user_id.
 *  An identity without key is PEP_STATUS_OK. An own key that several identities use is replaced for all
 *  of them. */
PEP_API PEP_STATUS key_reset_identity(PEP_SESSION session, pEp_identity* ident, const char* fpr);

/** Reset `fpr`, or (a partner's, fpr NULL or "") all keys of a user. PEP_ILLEGAL_VALUE for the own user
 *  without fpr, PEP_KEY_NOT_FOUND for a user without keys. */
PEP_API PEP_STATUS key_reset_user(PEP_SESSION session, const char* user_id, const char* fpr);

/** Reset all keys of the user; PEP_CANNOT_FIND_IDENTITY when there is no own identity. */
PEP_API PEP_STATUS key_reset_all_own_keys(PEP_SESSION session);

/** Reset the keys of identities shared in a device group, but for sticky ones. */
PEP_API PEP_STATUS key_reset_own_grouped_keys(PEP_SESSION session);

PEP_END_DECLS
