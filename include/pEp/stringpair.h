/* Pairs of strings and lists of them; list conventions as in stringlist.h. */
#pragma once

#include "export.h"

PEP_BEGIN_DECLS

typedef struct _stringpair_t {
    char* key;   /* owned, never NULL */
    char* value; /* owned, never NULL */
} stringpair_t;

typedef struct _stringpair_list_t {
    stringpair_t* value;             /* owned; NULL only in the head of an empty list */
    struct _stringpair_list_t* next; /* owned */
} stringpair_list_t;

/** Copies both; NULL becomes "". */
PEP_API stringpair_t* new_stringpair(const char* key, const char* value);
PEP_API stringpair_t* stringpair_dup(const stringpair_t* src);
PEP_API void free_stringpair(stringpair_t* pair);

/** Takes ownership of `value`; NULL gives the empty list. */
PEP_API stringpair_list_t* new_stringpair_list(stringpair_t* value);
PEP_API stringpair_list_t* stringpair_list_dup(const stringpair_list_t* src);

/** Append `value` and take ownership of it; returns the new node. */
PEP_API stringpair_list_t* stringpair_list_add(stringpair_list_t* list, stringpair_t* value);

/** Copy the members of `second` behind `list`; returns the last node. */
PEP_API stringpair_list_t* stringpair_list_append(stringpair_list_t* list, stringpair_list_t* second);
PEP_API int stringpair_list_length(const stringpair_list_t* list);

/** First node whose key is exactly `key`, borrowed, or NULL. */
PEP_API stringpair_list_t* stringpair_list_find(stringpair_list_t* list, const char* key);

/** As above, ASCII case ignored. */
PEP_API stringpair_list_t* stringpair_list_find_case_insensitive(stringpair_list_t* list, const char* key);

/** Remove the first entry with this key; returns the new head (NULL when nothing is left). */
PEP_API stringpair_list_t* stringpair_list_delete_by_key(stringpair_list_t* list, const char* key);
PEP_API void free_stringpair_list(stringpair_list_t* list);

PEP_END_DECLS
