/* Passphrases beyond what pEpEngine.h configures. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Has the session's passphrase unlocked a secret key since config_passphrase() set it? Only operations of the
 *  calling thread count. Callers that try several passphrases learn which of them is worth keeping. */
PEP_API bool passphrase_was_used(PEP_SESSION session);

PEP_END_DECLS
