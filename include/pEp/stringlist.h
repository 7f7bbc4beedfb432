/* A singly linked list of strings.
 *
 * Conventions of all list types of this API:
 *  - an empty list is one node whose payload is NULL; adding to such a node fills it;
 *  - `new_` copies scalar strings; `add` returns the node that was added, or NULL when out of memory;
 *  - `free_` accepts NULL; `_dup` is deep and returns NULL for NULL. */
#pragma once

#include <stdbool.h>

#include "export.h"

PEP_BEGIN_DECLS

typedef struct _stringlist_t {
    char* value;                /* owned, UTF-8; NULL only in the head of an empty list */
    struct _stringlist_t* next; /* owned */
} stringlist_t;

/** Make a list with a copy of `value`; NULL gives the empty list. */
PEP_API stringlist_t* new_stringlist(const char* value);

/** Deep copy of `src`. */
PEP_API stringlist_t* stringlist_dup(const stringlist_t* src);

/** Append a copy of `value`; a NULL list is created. NULL `value` gives NULL and changes nothing. */
PEP_API stringlist_t* stringlist_add(stringlist_t* stringlist, const char* value);

/** Like stringlist_add, but returns the present node when `value` is listed already. */
PEP_API stringlist_t* stringlist_add_unique(stringlist_t* stringlist, const char* value);

/** Copy the members of `second` behind `stringlist`; returns the last node added, or `stringlist`
 *  when there is nothing to add or both are the same list. NULL `stringlist` gives NULL. */
PEP_API stringlist_t* stringlist_append(stringlist_t* stringlist, stringlist_t* second);

/** Number of members up to the first NULL value. */
PEP_API int stringlist_length(const stringlist_t* stringlist);

/** Remove the first member equal to `value`; returns the new head, NULL when nothing is left. */
PEP_API stringlist_t* stringlist_delete(stringlist_t* stringlist, const char* value);

/** First node equal to `value`, borrowed, or NULL. */
PEP_API stringlist_t* stringlist_search(stringlist_t* stringlist, const char* value);

/** Remove all but the first of equal members, in place. */
PEP_API void dedup_stringlist(stringlist_t* stringlist);

/** The members joined with ","; release with pEp_free. */
PEP_API char* stringlist_to_string(const stringlist_t* list);

/** Split at ","; NULL gives NULL. */
PEP_API stringlist_t* string_to_stringlist(const char* str);

/** Release the list and its strings; NULL is fine. */
PEP_API void free_stringlist(stringlist_t* stringlist);

PEP_END_DECLS
