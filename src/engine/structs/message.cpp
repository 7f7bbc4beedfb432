// Messages as values (include/pEp/message.h).
#include "pEp/message.h"

#include "engine/structs/alloc.hpp"

#include <utility>

using namespace pep::engine::structs;

namespace {

using OwnedMessage = Owner<message, free_message>;

/// `to` becomes `dup(from)`; false when out of memory.
template <class T, class Dup>
bool copy(T*& to, const T* from, Dup dup) {
    to = dup(from);
    return from == nullptr || to != nullptr;
}

/// Each of the three may leave `to` half filled; its owner frees what there is.
bool copy_texts(message& to, const message& from) {
    return copy_text(to.id, from.id) && copy_text(to.shortmsg, from.shortmsg) &&
           copy_text(to.longmsg, from.longmsg) &&
           copy_text(to.longmsg_formatted, from.longmsg_formatted) &&
           copy_text(to.comments, from.comments) && copy_text(to._sender_fpr, from._sender_fpr);
}

bool copy_people(message& to, const message& from) {
    return copy(to.from, from.from, identity_dup) && copy(to.recv_by, from.recv_by, identity_dup) &&
           copy(to.to, from.to, identity_list_dup) && copy(to.cc, from.cc, identity_list_dup) &&
           copy(to.bcc, from.bcc, identity_list_dup) &&
           copy(to.reply_to, from.reply_to, identity_list_dup);
}

bool copy_lists(message& to, const message& from) {
    return copy(to.attachments, from.attachments, bloblist_dup) &&
           copy(to.in_reply_to, from.in_reply_to, stringlist_dup) &&
           copy(to.references, from.references, stringlist_dup) &&
           copy(to.keywords, from.keywords, stringlist_dup) &&
           copy(to.opt_fields, from.opt_fields, stringpair_list_dup);
}

/// All the message owns, that is not the members ending in _ref, nor refered_by.
void free_content(message& msg) {
    for (char* text :
         {msg.id, msg.shortmsg, msg.longmsg, msg.longmsg_formatted, msg.comments, msg._sender_fpr})
        std::free(text);
    free_bloblist(msg.attachments);
    free_timestamp(msg.sent);
    free_timestamp(msg.recv);
    free_identity(msg.from);
    free_identity(msg.recv_by);
    for (identity_list* list : {msg.to, msg.cc, msg.bcc, msg.reply_to})
        free_identity_list(list);
    for (stringlist_t* list : {msg.in_reply_to, msg.references, msg.keywords})
        free_stringlist(list);
    free_stringpair_list(msg.opt_fields);
}

} // namespace

// Everything else is 0, which is a sensible default for each member.
message* new_message(PEP_msg_direction dir) {
    auto* msg = make_zeroed<message>();
    if (msg != nullptr)
        msg->dir = dir;
    return msg;
}

message* message_dup(const message* msg) {
    // For a message that is missing, a copy is missing, too: no failure.
    if (msg == nullptr)
        return nullptr;
    OwnedMessage duplicate{new_message(msg->dir)};
    if (!duplicate || !copy_texts(*duplicate, *msg) || !copy_people(*duplicate, *msg) ||
        !copy_lists(*duplicate, *msg) || !copy(duplicate->sent, msg->sent, timestamp_dup) ||
        !copy(duplicate->recv, msg->recv, timestamp_dup))
        return nullptr;
    duplicate->rawmsg_ref = msg->rawmsg_ref; // the caller's: shared
    duplicate->rawmsg_size = msg->rawmsg_size;
    duplicate->refering_msg_ref = msg->refering_msg_ref;
    duplicate->refered_by = msg->refered_by;
    duplicate->enc_format = msg->enc_format;
    duplicate->rating = msg->rating;
    return duplicate.release();
}

void message_transfer(message* dst, message* src) {
    // Moving a message onto itself would free it.
    if (dst == nullptr || src == nullptr || dst == src)
        return;
    free_content(*dst);
    *dst = *src;
    // What was moved has one owner; src can still be freed.
    *src = message{};
    src->dir = dst->dir;
}

void free_message(message* msg) {
    if (msg == nullptr)
        return;
    free_content(*msg);
    std::free(msg);
}

void add_opt_field(message* msg, const char* name, const char* value) {
    if (msg == nullptr || name == nullptr)
        return;
    // A void function of the C API: out of memory leaves the message without the field.
    stringpair_t* field = new_stringpair(name, value);
    stringpair_list_t* added = stringpair_list_add(msg->opt_fields, field);
    if (added == nullptr)
        free_stringpair(field);
    // A list that was there has been continued in place.
    else if (msg->opt_fields == nullptr)
        msg->opt_fields = added;
}

void replace_opt_field(message* msg, const char* name, const char* value, bool clobber) {
    if (msg == nullptr || name == nullptr)
        return;
    // Header fields are compared without regard to case (RFC 5322).
    stringpair_list_t* present = stringpair_list_find_case_insensitive(msg->opt_fields, name);
    if (present == nullptr) {
        add_opt_field(msg, name, value);
        return;
    }
    char* text = nullptr;
    // Fields have no value NULL, only an empty one.
    if (clobber && copy_text(text, value != nullptr ? value : ""))
        std::free(std::exchange(present->value->value, text));
}

bool is_pEp_msg(const message* msg) {
    return msg != nullptr &&
           stringpair_list_find_case_insensitive(msg->opt_fields, "X-pEp-Version") != nullptr;
}
