/* Signatures by this installation, for its own use: a hidden own identity signs, and only what it signed
 * verifies. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Address of the identity that signs; made at first use, with a key of no passphrase and no expiry. */
#define PEP_SIGNING_IDENTITY_ADDRESS "signing_identity@planck.security"

/** Armored detached signature. */
PEP_API PEP_STATUS signature_for_text(
    PEP_SESSION session, const char* ptext, size_t psize, char** stext, size_t* ssize
);

/** PEP_VERIFIED when signature_for_text() made it here; PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH for another
 *  text, PEP_VERIFY_NO_KEY for what is no signature or somebody else's. */
PEP_API PEP_STATUS verify_signature(
    PEP_SESSION session, const char* ptext, size_t psize, const char* stext, size_t ssize
);

PEP_END_DECLS
