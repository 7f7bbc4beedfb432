// Messages on the wire. Members that are 0 or NULL are left out; lists that exist but hold nothing
// stay.
#pragma once

#include "api/types/blob.hpp"
#include "api/types/identity.hpp"
#include "api/types/strings.hpp"
#include "pEp/message.h"

namespace pep::marshal {

template <>
struct Release<message> {
    void operator()(message* msg) const noexcept { free_message(msg); }
};

template <>
struct Fields<message> {
    static constexpr std::string_view name = "Message", doc = "An e-mail.";

    static message* make() { return new_message(PEP_dir_incoming); }

    // The order is that of the original's output. Not on the wire: what refers to the caller's
    // memory (rawmsg_ref, refering_msg_ref, refered_by), and _sender_fpr.
    static constexpr std::tuple list{
        field(&message::dir, "dir", "incoming (0) or outgoing (1)", omit_zero),
        field(&message::id, "id", "Message-ID without angle brackets"),
        field(&message::shortmsg, "shortmsg", "subject"),
        field(&message::longmsg, "longmsg", "text body"),
        field(&message::longmsg_formatted, "longmsg_formatted", "HTML body"),
        field(&message::attachments, "attachments", "attachments"),
        field(&message::sent, "sent", "Date, seconds since the epoch"),
        field(&message::recv, "recv", "when it was received, seconds since the epoch"),
        field(&message::from, "from", "sender"),
        field(&message::to, "to", "recipients"),
        field(&message::recv_by, "recv_by", "the own identity that received it"),
        field(&message::cc, "cc", "recipients of a copy"),
        field(&message::bcc, "bcc", "recipients nobody else sees"),
        field(&message::reply_to, "reply_to", "where replies go"),
        field(&message::in_reply_to, "in_reply_to", "ids of the messages this one answers"),
        field(&message::references, "references", "ids of the messages of this thread"),
        field(&message::keywords, "keywords", "Keywords"),
        field(&message::comments, "comments", "Comments"),
        field(&message::opt_fields, "opt_fields", "all other header fields, in order"),
        field(&message::enc_format, "enc_format", "how it is, or was, packed", omit_zero),
        field(&message::rating, "rating", "how it is protected", omit_zero),
    };
};

} // namespace pep::marshal
