/* Lists of identities; list conventions as in stringlist.h. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

typedef struct _identity_list {
    pEp_identity* ident;         /* owned; NULL only in the head of an empty list */
    struct _identity_list* next; /* owned */
} identity_list;

/** Takes ownership of `ident`; NULL gives the empty list. */
PEP_API identity_list* new_identity_list(pEp_identity* ident);
PEP_API identity_list* identity_list_dup(const identity_list* src);

/** Append `ident` and take ownership of it; returns the node added. A NULL list is created. */
PEP_API identity_list* identity_list_add(identity_list* id_list, pEp_identity* ident);

/** Hang `second` (without copying) behind `first`; either may be NULL. */
PEP_API identity_list* identity_list_join(identity_list* first, identity_list* second);
PEP_API int identity_list_length(const identity_list* id_list);
PEP_API void free_identity_list(identity_list* id_list);

PEP_END_DECLS
