/* Keys put aside, as engines before 3.0 knew them. A partner's key on the list is not used: update_identity
 * shows no key for him as long as it is his default. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Put a key aside; twice is once. */
PEP_API PEP_STATUS blacklist_add(PEP_SESSION session, const char* fpr);

/** Take it back; a key that is not on the list is fine. */
PEP_API PEP_STATUS blacklist_delete(PEP_SESSION session, const char* fpr);
PEP_API PEP_STATUS blacklist_is_listed(PEP_SESSION session, const char* fpr, bool* listed);

/** All of them; none gives one empty node. */
PEP_API PEP_STATUS blacklist_retrieve(PEP_SESSION session, stringlist_t** blacklist);

PEP_END_DECLS
