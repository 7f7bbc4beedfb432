/* The value types of the C API, used as a C program uses them. Expected values are literals. */
#include "check.h"

#include <pEp/message.h>
#include <pEp/message_api.h>
#include <pEp/status_to_string.h>
#include <stdlib.h>

int failed_checks = 0;

void out_of_memory(void); /* values_memory_test.c */
void status_names(void);  /* status_names_test.c */

static char* blob(const char* text) {
    char* copy = malloc(strlen(text) + 1);
    return strcpy(copy, text);
}

static void stringlists(void) {
    stringlist_t* list = new_stringlist(NULL);
    CHECK(list && list->value == NULL && stringlist_length(list) == 0);
    CHECK(stringlist_add(list, "a") == list); /* fills the empty head */
    stringlist_t* b = stringlist_add(list, "b");
    CHECK(b == list->next && same(b->value, "b"));
    CHECK(stringlist_add(list, NULL) == NULL);
    CHECK(stringlist_add_unique(list, "b") == b && stringlist_length(list) == 2);
    CHECK(stringlist_search(list, "b") == b && stringlist_search(list, "B") == NULL);

    CHECK(stringlist_append(list, list) == list); /* itself: once more, not for ever */
    char* text = stringlist_to_string(list);
    CHECK(same(text, "a,b,a,b"));
    pEp_free(text);
    dedup_stringlist(list);
    CHECK(stringlist_length(list) == 2);

    stringlist_t* more = string_to_stringlist("c,,d");
    CHECK(stringlist_length(more) == 3 && same(more->next->value, ""));
    stringlist_t* last = stringlist_append(list, more);
    CHECK(same(last->value, "d") && stringlist_length(list) == 5 && stringlist_length(more) == 3);
    CHECK(stringlist_append(NULL, more) == NULL && stringlist_append(list, NULL) == list);

    list = stringlist_delete(list, "a");
    CHECK(same(list->value, "b"));
    list = stringlist_delete(list, "d");
    CHECK(stringlist_length(list) == 3);
    stringlist_t* copy = stringlist_dup(list);
    free_stringlist(list);
    CHECK(same(copy->value, "b") && same(copy->next->value, "c"));
    free_stringlist(copy);
    free_stringlist(more);

    stringlist_t* one = stringlist_delete(new_stringlist("x"), "x");
    CHECK(one == NULL);
    CHECK(stringlist_delete(new_stringlist(NULL), "x") == NULL);
    stringlist_t* made = stringlist_add(NULL, "y");
    CHECK(same(made->value, "y"));
    free_stringlist(made);
    stringlist_t* empty = string_to_stringlist("");
    CHECK(empty && stringlist_length(empty) == 0);
    free_stringlist(empty);
    CHECK(stringlist_dup(NULL) == NULL && string_to_stringlist(NULL) == NULL);
    CHECK(stringlist_to_string(NULL) == NULL && stringlist_length(NULL) == 0);
    free_stringlist(NULL);
}

static void stringpairs(void) {
    stringpair_t* pair = new_stringpair("Key", NULL);
    CHECK(same(pair->key, "Key") && same(pair->value, ""));
    stringpair_list_t* list = new_stringpair_list(NULL);
    CHECK(stringpair_list_add(list, pair) == list && stringpair_list_length(list) == 1);
    stringpair_list_t* second = stringpair_list_add(list, new_stringpair("key", "2"));
    CHECK(second == list->next);
    CHECK(stringpair_list_find(list, "key") == second);
    CHECK(stringpair_list_find_case_insensitive(list, "KEY") == list);
    CHECK(stringpair_list_find(list, "KEY") == NULL);

    stringpair_list_t* copy = stringpair_list_dup(list);
    stringpair_list_t* last = stringpair_list_append(list, copy);
    CHECK(same(last->value->value, "2") && stringpair_list_length(list) == 4);
    list = stringpair_list_delete_by_key(list, "Key");
    CHECK(same(list->value->key, "key") && stringpair_list_length(list) == 3);
    copy = stringpair_list_delete_by_key(copy, "Key");
    copy = stringpair_list_delete_by_key(copy, "key");
    CHECK(copy == NULL);
    free_stringpair_list(list);
    free_stringpair_list(NULL);
    free_stringpair(NULL);
    CHECK(stringpair_dup(NULL) == NULL && stringpair_list_dup(NULL) == NULL);
}

static int released = 0;

static void count_release(char* value) {
    ++released;
    free(value);
}

static void bloblists(void) {
    bloblist_t* list = new_bloblist(NULL, 0, NULL, NULL);
    CHECK(list && bloblist_length(list) == 0);
    CHECK(bloblist_add(list, blob("one"), 3, "text/plain", "file://a.txt") == list);
    CHECK(list->disposition == PEP_CONTENT_DISP_ATTACHMENT);
    list->release_value = count_release;
    bloblist_t* second = bloblist_add(list, blob("two"), 3, "image/png", "cid://42");
    CHECK(second == list->next && second->disposition == PEP_CONTENT_DISP_INLINE);
    CHECK(second->release_value == count_release);
    CHECK(bloblist_add(list, NULL, 0, "text/plain", NULL) == NULL);
    CHECK(find_blob_by_URI(list, "cid://42") == second && find_blob_by_URI(list, "42") == NULL);

    second->disposition = PEP_CONTENT_DISP_OTHER;
    bloblist_t* copy = bloblist_dup(list);
    CHECK(bloblist_length(copy) == 2 && same(copy->next->value, "two"));
    CHECK(copy->release_value == NULL);                        /* copies are ordinary memory … */
    CHECK(copy->next->disposition == PEP_CONTENT_DISP_INLINE); /* … and named by the rule */
    CHECK(bloblist_join(list, copy) == list && bloblist_length(list) == 4);
    CHECK(bloblist_join(list, list) == list && bloblist_length(list) == 4);
    free_bloblist(list);
    CHECK(released == 2);

    bloblist_t* alone = new_bloblist(blob("x"), 1, NULL, NULL);
    bloblist_t* joined = bloblist_join(new_bloblist(NULL, 0, "a/b", "file://n"), alone);
    CHECK(bloblist_length(joined) == 1 && joined->mime_type == NULL);
    CHECK(bloblist_join(NULL, joined) == joined && bloblist_join(joined, NULL) == joined);
    free_bloblist(joined);
    free_bloblist(NULL);
    CHECK(bloblist_dup(NULL) == NULL && bloblist_length(NULL) == 0);
}

static void timestamps(void) {
    timestamp* ts = new_timestamp(1700000000);
    CHECK(ts->tm_year == 123 && ts->tm_mon == 10 && ts->tm_mday == 14 && ts->tm_hour == 22);
    CHECK(timegm_with_gmtoff(ts) == 1700000000);
    timestamp* copy = timestamp_dup(ts);
    CHECK(timegm_with_gmtoff(copy) == 1700000000);
    free_timestamp(ts);
    free_timestamp(copy);
    timestamp* zero = new_timestamp(0);
    CHECK(zero->tm_year == 0 && zero->tm_mday == 0 && timegm_with_gmtoff(zero) == 0);
    free_timestamp(zero);
    CHECK(timegm_with_gmtoff(NULL) == -1 && timestamp_dup(NULL) == NULL);
    free_timestamp(NULL);
}

static void identities(void) {
    pEp_identity* me = new_identity("a@example.org", "ABCD", NULL, "Ännchen");
    CHECK(same(me->address, "a@example.org") && me->user_id == NULL && me->comm_type == 0);
    me->comm_type = PEP_ct_pEp;
    memcpy(me->lang, "de", 3);
    me->me = true;
    me->major_ver = 3;
    me->minor_ver = 2;
    me->enc_format = PEP_enc_PEP;
    me->flags = PEP_idf_org_ident;
    pEp_identity* copy = identity_dup(me);
    CHECK(
        same(copy->username, "Ännchen") && copy->username != me->username && copy->user_id == NULL
    );
    CHECK(copy->comm_type == PEP_ct_pEp && same(copy->lang, "de") && copy->me);
    CHECK(copy->major_ver == 3 && copy->minor_ver == 2);
    CHECK(copy->enc_format == PEP_enc_PEP && copy->flags == PEP_idf_org_ident);

    identity_list* list = new_identity_list(NULL);
    CHECK(identity_list_add(list, me) == list && identity_list_length(list) == 1);
    CHECK(identity_list_add(list, copy) == list->next);
    CHECK(identity_list_add(list, NULL) == NULL);
    identity_list* again = identity_list_dup(list);
    CHECK(identity_list_join(list, again) == list && identity_list_length(list) == 4);
    CHECK(identity_list_join(list, list) == list && identity_list_length(list) == 4);
    identity_list* filled = identity_list_join(new_identity_list(NULL), list);
    CHECK(identity_list_length(filled) == 4);
    free_identity_list(filled);
    free_identity_list(NULL);
    free_identity(NULL);
    CHECK(identity_dup(NULL) == NULL && identity_list_dup(NULL) == NULL);
}

static void messages(void) {
    char raw[] = "raw";
    message* msg = new_message(PEP_dir_outgoing);
    CHECK(msg->dir == PEP_dir_outgoing && msg->shortmsg == NULL && msg->to == NULL);
    msg->shortmsg = blob("subject");
    msg->from = new_identity("a@example.org", NULL, NULL, NULL);
    msg->attachments = new_bloblist(blob("data"), 4, "text/plain", "file://x");
    msg->rawmsg_ref = raw;
    msg->rawmsg_size = 3;
    msg->rating = PEP_rating_reliable;
    msg->enc_format = PEP_enc_PGP_MIME;
    msg->_sender_fpr = blob("ABCD");
    message* copy = message_dup(msg);
    CHECK(same(copy->shortmsg, "subject") && copy->shortmsg != msg->shortmsg);
    CHECK(copy->rawmsg_ref == raw && copy->rawmsg_size == 3); /* shared, not copied */
    CHECK(copy->rating == PEP_rating_reliable && copy->enc_format == PEP_enc_PGP_MIME);
    CHECK(same(copy->_sender_fpr, "ABCD") && same(copy->attachments->value, "data"));

    message* target = new_message(PEP_dir_incoming);
    target->shortmsg = blob("goes away");
    message_transfer(target, copy);
    CHECK(target->dir == PEP_dir_outgoing && same(target->shortmsg, "subject"));
    CHECK(copy->shortmsg == NULL && copy->attachments == NULL && copy->from == NULL);
    message_transfer(target, target);
    CHECK(same(target->shortmsg, "subject"));
    free_message(target);
    free_message(copy);
    free_message(msg);
    free_message(NULL);
    CHECK(message_dup(NULL) == NULL);
}

static void opt_fields(void) {
    message* msg = new_message(PEP_dir_outgoing);
    CHECK(!is_pEp_msg(msg) && !is_pEp_msg(NULL));
    add_opt_field(msg, "X-A", "1");
    add_opt_field(msg, "X-A", "2");
    CHECK(stringpair_list_length(msg->opt_fields) == 2);
    replace_opt_field(msg, "x-a", "3", false);
    CHECK(same(msg->opt_fields->value->value, "1"));
    replace_opt_field(msg, "x-a", "3", true);
    CHECK(same(msg->opt_fields->value->value, "3") && same(msg->opt_fields->value->key, "X-A"));
    replace_opt_field(msg, "x-pep-version", "3.3", false);
    CHECK(stringpair_list_length(msg->opt_fields) == 3 && is_pEp_msg(msg));
    add_opt_field(NULL, "X", "Y");
    add_opt_field(msg, NULL, "Y");
    replace_opt_field(NULL, "X", "Y", true);
    CHECK(stringpair_list_length(msg->opt_fields) == 3);
    free_message(msg);
}

static void names(void) {
    CHECK(same(pEp_status_to_string(PEP_STATUS_OK), "PEP_STATUS_OK"));
    CHECK(same(pEp_status_to_string((PEP_STATUS)0x0201), "PEP_KEY_NOT_FOUND"));
    CHECK(same(pEp_status_to_string((PEP_STATUS)-4), "PEP_ILLEGAL_VALUE"));
    CHECK(same(pEp_status_to_string((PEP_STATUS)0x7777), "unknown status code"));
    CHECK(!PEP_STATUS_is_error(PEP_UNENCRYPTED) && !PEP_STATUS_is_error(PEP_PASSPHRASE_REQUIRED));
    CHECK(PEP_STATUS_is_error(PEP_WRONG_PASSPHRASE) && PEP_STATUS_is_error(PEP_MESSAGE_IGNORE));
    CHECK(PEP_STATUS_is_error((PEP_STATUS)0x7777));

    CHECK(color_from_rating((PEP_rating)-3) == -1 && color_from_rating((PEP_rating)-2) == 0);
    CHECK(color_from_rating((PEP_rating)-1) == -1 && color_from_rating((PEP_rating)2) == 0);
    CHECK(color_from_rating((PEP_rating)5) == 0 && color_from_rating((PEP_rating)6) == 1);
    CHECK(color_from_rating((PEP_rating)7) == 2 && color_from_rating((PEP_rating)9) == 2);

    static const int expected[][2] = {
        {0x00, 0}, {0x01, 3}, {0x02, 3}, {0x03, 2}, {0x04, 4},  {0x05, 4},  {0x06, 4},
        {0x07, 4}, {0x09, 3}, {0x0a, 4}, {0x0c, 4}, {0x0e, -3}, {0x0f, -1}, {0x10, 4},
        {0x11, 4}, {0x2f, 4}, {0x30, 6}, {0x38, 6}, {0x7f, 6},  {0x80, 4},  {0x91, 4},
        {0xaf, 4}, {0xb0, 7}, {0xb8, 7}, {0xbf, 7}, {0xc0, 8},  {0xff, 8},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; ++i)
        CHECK((int)rating_from_comm_type((PEP_comm_type)expected[i][0]) == expected[i][1]);

    for (int rating = -3; rating <= 9; ++rating) {
        const char* name = rating_to_string((PEP_rating)rating);
        CHECK((int)string_to_rating(name) == (rating == 5 ? 0 : rating)); /* media_key_protected */
    }
    CHECK(same(rating_to_string((PEP_rating)-2), "b0rken"));
    CHECK(string_to_rating(NULL) == 0 && string_to_rating("unencrypted_for_some") == 0);
    CHECK(string_to_rating("Reliable") == 0);
}

static const struct {
    const char* name;
    void (*run)(void);
} cases[] = {
    {"stringlists", stringlists},
    {"stringpairs", stringpairs},
    {"bloblists", bloblists},
    {"timestamps", timestamps},
    {"identities", identities},
    {"messages", messages},
    {"opt_fields", opt_fields},
    {"names", names},
    {"status_names", status_names},
    {"out_of_memory", out_of_memory},
};

int main(int argc, char** argv) {
    int run = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        if (argc > 1 && strcmp(argv[1], cases[i].name) != 0)
            continue;
        cases[i].run();
        ++run;
    }
    CHECK(run > 0);
    return failed_checks ? EXIT_FAILURE : EXIT_SUCCESS;
}
