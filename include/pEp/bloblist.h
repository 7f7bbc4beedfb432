/* Lists of binary values with a MIME type and a name: the attachments of a message. */
#pragma once

#include <stddef.h>

#include "export.h"

PEP_BEGIN_DECLS

typedef enum _content_disposition_type PEP_INT_ENUM {
    PEP_CONTENT_DISP_ATTACHMENT = 0,
    PEP_CONTENT_DISP_INLINE = 1,
    PEP_CONTENT_DISP_OTHER = -1
} content_disposition_type;

typedef struct _bloblist_t {
    char* value;                          /* owned; not necessarily NUL terminated */
    size_t size;                          /* bytes in `value` */
    char* mime_type;                      /* owned UTF-8 or NULL */
    char* filename;                       /* owned URI or NULL: `file://NAME` or `cid://CONTENT-ID` */
    content_disposition_type disposition; /* inline iff the name starts with `cid://` */
    struct _bloblist_t* next;             /* owned */
    void (*release_value)(char*);         /* how `value` is freed; NULL means free() */
} bloblist_t;

/** Takes ownership of `blob` (allocated with malloc); copies the strings. NULL blob gives the empty list.
 *  When out of memory NULL is returned and `blob` stays with the caller. */
PEP_API bloblist_t* new_bloblist(char* blob, size_t size, const char* mime_type, const char* filename);
PEP_API bloblist_t* bloblist_dup(const bloblist_t* src);

/** Append; a NULL list is created, an empty head is filled. Ownership as in new_bloblist. */
PEP_API bloblist_t* bloblist_add(
    bloblist_t* bloblist, char* blob, size_t size, const char* mime_type, const char* filename
);

/** Hang `second` (without copying) behind `first`; returns the first. */
PEP_API bloblist_t* bloblist_join(bloblist_t* first, bloblist_t* second);

/** Number of nodes with a value. */
PEP_API int bloblist_length(const bloblist_t* bloblist);

/** First node whose filename is exactly `uri`, borrowed, or NULL. */
PEP_API bloblist_t* find_blob_by_URI(bloblist_t* bloblist, const char* uri);
PEP_API void free_bloblist(bloblist_t* bloblist);

PEP_END_DECLS
