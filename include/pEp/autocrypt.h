/* Autocrypt Level 1 (https://autocrypt.org), for partners whose programs are no p≡p ones. Received
 * header fields are always read; sending them is an option the p≡p engine does not have. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** true: encrypt_message adds a header field `Autocrypt` with the sender's key to the message to be
 *  sent, encrypted or not. It replaces one that is there; a message inside an encrypted one has
 *  none. There is none with PEP_encrypt_flag_force_no_attached_key, nor if no user id of the key has
 *  the sender's address, nor if it would exceed 10 KiB. Off by default. */
PEP_API void config_autocrypt_header(PEP_SESSION session, bool enable);

PEP_END_DECLS
