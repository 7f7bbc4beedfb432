/* Messages to and from MIME text (RFC 2045-2049, 5322). */
#pragma once

#include "message.h"
#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** MIME text of a message: 7 bit clean, CRLF line ends, NUL terminated. `omit_fields` leaves only MIME
 *  headers. `has_pEp_msg`: the first attachment that is not inline is a message to be marked
 *  `forwarded="no"`. Formats other than none, inline, PGP_MIME and PEP: PEP_ILLEGAL_VALUE. */
PEP_API PEP_STATUS mime_encode_message(
    PEP_SESSION session, const message* msg, bool omit_fields, char** mimetext, bool has_pEp_msg
);

/** Parse MIME text into an incoming message. `has_possible_pEp_msg` (may be NULL) tells whether the
 *  second part is a message marked `forwarded="no"`, kept as raw bytes in the attachments. */
PEP_API PEP_STATUS mime_decode_message(
    PEP_SESSION session, const char* mimetext, size_t size, message** msg, bool* has_possible_pEp_msg
);

PEP_END_DECLS
