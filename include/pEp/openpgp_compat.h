/* What mail clients need of a classic OpenPGP program. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Pairs of fingerprint and primary user id of the keys `search_pattern` finds (see find_keys) that are
 *  not revoked; NULL or "" finds all. Nothing found is PEP_STATUS_OK with a NULL list. */
PEP_API PEP_STATUS OpenPGP_list_keyinfo(
    PEP_SESSION session, const char* search_pattern, stringpair_list_t** keyinfo_list
);

PEP_END_DECLS
