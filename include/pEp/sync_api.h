/* What the synchronisation of devices tells the user, and what the user answers. The numbers travel in
 * events and calls of the server. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Why the user is told something. */
typedef enum _sync_handshake_signal PEP_INT_ENUM {
    SYNC_NOTIFY_UNDEFINED = 0,
    SYNC_NOTIFY_INIT_ADD_OUR_DEVICE = 1,
    SYNC_NOTIFY_INIT_ADD_OTHER_DEVICE = 2,
    SYNC_NOTIFY_INIT_FORM_GROUP = 3,
    SYNC_NOTIFY_TIMEOUT = 5,
    SYNC_NOTIFY_ACCEPTED_DEVICE_ADDED = 6,
    SYNC_NOTIFY_ACCEPTED_GROUP_CREATED = 7,
    SYNC_NOTIFY_ACCEPTED_DEVICE_ACCEPTED = 8,
    SYNC_NOTIFY_OUTGOING_RATING_CHANGE = 64,
    SYNC_NOTIFY_START = 126,
    SYNC_NOTIFY_STOP = 127,
    SYNC_PASSPHRASE_REQUIRED = 128,
    SYNC_NOTIFY_GROUP_INVITATION = 192,
    SYNC_NOTIFY_SOLE = 254,
    SYNC_NOTIFY_IN_GROUP = 255
} sync_handshake_signal;

/** The user's answer to a handshake. */
typedef enum _sync_handshake_result PEP_INT_ENUM {
    SYNC_HANDSHAKE_CANCEL = -1,
    SYNC_HANDSHAKE_ACCEPTED = 0,
    SYNC_HANDSHAKE_REJECTED = 1
} sync_handshake_result;

PEP_END_DECLS
