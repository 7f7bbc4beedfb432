/* An e-mail as the engine sees it. Not thread-safe; all members are owned unless said otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bloblist.h"
#include "identity_list.h"
#include "stringlist.h"
#include "stringpair.h"
#include "timestamp.h"

PEP_BEGIN_DECLS

typedef enum _PEP_text_format PEP_INT_ENUM {
    PEP_text_format_plain = 0,
    PEP_text_format_html = 1,
    PEP_text_format_other = 0xff
} PEP_text_format;

typedef enum _PEP_msg_direction PEP_INT_ENUM { PEP_dir_incoming = 0, PEP_dir_outgoing = 1 } PEP_msg_direction;

typedef struct _message message;

typedef struct _message_ref_list {
    message* msg_ref; /* borrowed */
    struct _message_ref_list* next;
} message_ref_list;

struct _message {
    PEP_msg_direction dir;
    char* id;                      /* Message-ID without angle brackets */
    char* shortmsg;                /* subject */
    char* longmsg;                 /* text/plain body, or NULL */
    char* longmsg_formatted;       /* text/html body, or NULL */
    bloblist_t* attachments;
    char* rawmsg_ref;              /* the caller's; never freed, shared by duplicates */
    size_t rawmsg_size;
    timestamp* sent;               /* Date */
    timestamp* recv;               /* set by the caller, never taken from a header */
    pEp_identity* from;
    identity_list* to;
    pEp_identity* recv_by;         /* which own identity received it */
    identity_list* cc;
    identity_list* bcc;
    identity_list* reply_to;
    stringlist_t* in_reply_to;     /* message ids without angle brackets */
    message* refering_msg_ref;     /* the caller's */
    stringlist_t* references;      /* message ids without angle brackets */
    message_ref_list* refered_by;  /* the caller's */
    stringlist_t* keywords;
    char* comments;
    stringpair_list_t* opt_fields; /* every other header, in order */
    PEP_enc_format enc_format;
    char* _sender_fpr;             /* authenticated signer of the innermost layer */
    PEP_rating rating;
};

/** A message with all members zero except `dir`. */
PEP_API message* new_message(PEP_msg_direction dir);

/** Deep copy; rawmsg_ref, refering_msg_ref and refered_by are not duplicated. */
PEP_API message* message_dup(const message* msg);

/** Move all content of `src` into `dst`, whose own content is freed; `src` is left empty. */
PEP_API void message_transfer(message* dst, message* src);
PEP_API void free_message(message* msg);

/** Append a header field. */
PEP_API void add_opt_field(message* msg, const char* name, const char* value);

/** Set a header field whose name is compared without case; an existing value is overwritten
 *  only when `clobber` is true. */
PEP_API void replace_opt_field(message* msg, const char* name, const char* value, bool clobber);

/** True when a field X-pEp-Version is present, whatever its value. */
PEP_API bool is_pEp_msg(const message* msg);

PEP_END_DECLS
