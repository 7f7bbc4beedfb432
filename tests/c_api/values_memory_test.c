/* Out of memory at every single allocation: functions say so by NULL and keep nothing (the leak
 * checker of the address sanitizer watches). The linker redirects malloc and calloc of the library
 * to here. */
#include "check.h"

#include <pEp/message.h>
#include <stdlib.h>

void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __wrap_malloc(size_t size);
void* __wrap_calloc(size_t count, size_t size);
void out_of_memory(void);

static long allocations_left = -1; /* negative: no limit */

static int refuse(void) {
    if (allocations_left == 0)
        return 1;
    if (allocations_left > 0)
        --allocations_left;
    return 0;
}

void* __wrap_malloc(size_t size) { return refuse() ? NULL : __real_malloc(size); }

void* __wrap_calloc(size_t count, size_t size) {
    return refuse() ? NULL : __real_calloc(count, size);
}

static char* text(const char* from) {
    char* copy = malloc(strlen(from) + 1);
    return strcpy(copy, from);
}

static message* full_message(void) {
    message* msg = new_message(PEP_dir_outgoing);
    msg->id = text("id@example.org");
    msg->shortmsg = text("subject");
    msg->longmsg = text("body");
    msg->attachments = new_bloblist(text("1"), 1, "text/plain", "file://1");
    bloblist_add(msg->attachments, text("2"), 1, "text/plain", "file://2");
    msg->sent = new_timestamp(1700000000);
    msg->from = new_identity("a@example.org", "F", "U", "N");
    msg->to = new_identity_list(new_identity("b@example.org", NULL, NULL, NULL));
    identity_list_add(msg->to, new_identity("c@example.org", NULL, NULL, NULL));
    msg->keywords = string_to_stringlist("a,b");
    add_opt_field(msg, "X-A", "1");
    add_opt_field(msg, "X-B", "2");
    return msg;
}

void out_of_memory(void) {
    message* msg = full_message();
    stringlist_t* list = string_to_stringlist("a,b,c");
    int refused = 0;
    for (long limit = 0;; ++limit) {
        allocations_left = limit;
        message* copy = message_dup(msg);
        const int enough = allocations_left > 0;
        allocations_left = -1;
        CHECK(copy != NULL || !enough);
        free_message(copy);
        if (enough)
            break;
        refused += copy == NULL;
    }
    CHECK(refused > 25);

    for (long limit = 0; limit < 6; ++limit) {
        allocations_left = limit;
        stringlist_t* none = string_to_stringlist("a,b,c");
        stringlist_t* last = stringlist_append(list, list);
        add_opt_field(msg, "X-C", "3");
        replace_opt_field(msg, "X-B", "changed", true);
        allocations_left = -1;
        CHECK(none == NULL && last == NULL);
        CHECK(stringlist_length(list) == 3); /* all or nothing */
        free_stringlist(none);
    }

    char* value = text("kept");
    allocations_left = 0;
    CHECK(new_bloblist(value, 4, NULL, NULL) == NULL);
    CHECK(bloblist_add(msg->attachments, value, 4, NULL, NULL) == NULL);
    CHECK(new_identity("a", NULL, NULL, NULL) == NULL && new_message(PEP_dir_incoming) == NULL);
    CHECK(new_timestamp(1) == NULL && new_stringpair("a", "b") == NULL);
    allocations_left = -1;
    CHECK(same(value, "kept")); /* still the caller's */
    free(value);
    free_stringlist(list);
    free_message(msg);
}
