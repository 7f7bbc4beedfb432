// The p≡p layers beneath the encryption: the subject in the body of format 1.0, and the message
// wrapped in an envelope of 2.0 and later (engine messages 6.6, 6.7). One layer only: what is
// inside an inner message stays as it is.
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/message_incoming.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Header of the outer message for one that is not wrapped. The decrypted entity's own subject, if
/// it had one (RFC 9788 and its forerunners), stands for the outer one.
void take_over_header(Incoming& in) {
    copy_envelope(*in.msg, in.src);
    if (view(in.msg->shortmsg).empty())
        assign(in.msg->shortmsg, view(in.src.shortmsg));
}

/// 6.6: a subject or a mark in the first line. Returns the mark.
std::string take_hidden_fields(Incoming& in) {
    message& msg = *in.msg;
    const bool placeholder = is_placeholder_subject(view(msg.shortmsg));
    // Mail of other programs keeps a first line that looks like ours by chance.
    if (!in.pep_message && !placeholder)
        return {};
    if (const auto subject = take_body_line(msg, subject_line_key)) {
        // A real subject outside stays. The line has gone in either case.
        if (placeholder)
            assign(msg.shortmsg, *subject);
        return {};
    }
    return take_body_line(msg, info_line_key).value_or("");
}

/// The attachment that is the inner message.
const bloblist_t* inner_blob(const message& msg) {
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next) {
        const std::string_view type = view(blob->mime_type);
        if (iequals(type, "message/rfc822") || iequals(type, "text/rfc822"))
            return blob;
    }
    return nullptr;
}

/// What the inner header and body say about the wrapping.
struct Marks {
    Version sender;
    Version message;
    std::string info; ///< INNER, KEY_RESET, or what else is there
    bool violation = false;
};

Marks read_marks(message& inner, Version unwrapped_version) {
    Marks marks;
    marks.sender = version_field(inner, header::version);
    marks.message = unwrapped_version;
    const char* info = field(inner, header::wrapped_info);
    if (marks.sender > Version{2, 1}) {
        marks.message = version_field(inner, header::message_version);
        marks.violation = marks.message < Version{2, 0};
    } else if (marks.sender >= Version{2, 0}) {
        // These releases do not state the version of the message: the place of the mark tells it.
        const bool in_body = istarts_with(view(inner.longmsg), info_line_key);
        marks.message = info != nullptr ? Version{2, 1} : Version{2, 0};
        marks.violation = info == nullptr && !in_body;
    }
    if (marks.message < Version{2, 1})
        marks.info = take_body_line(inner, info_line_key).value_or("");
    else if (info != nullptr)
        marks.info = info;
    return marks;
}

/// Facts about an identity that the caller knew and the inner header cannot.
void carry_over(pEp_identity& to, const pEp_identity& from) {
    if (!missing(from.user_id))
        assign(to.user_id, from.user_id);
    std::copy(std::begin(from.lang), std::end(from.lang), std::begin(to.lang));
    to.me = from.me;
    to.flags = from.flags;
}

void carry_over(identity_list* to, const identity_list* from) {
    for (; to != nullptr; to = to->next)
        for (const identity_list* known = from; known != nullptr; known = known->next)
            if (to->ident != nullptr && known->ident != nullptr &&
                iequals(view(to->ident->address), view(known->ident->address)))
                carry_over(*to->ident, *known->ident);
}

void carry_over_envelope(message& inner, const message& src) {
    if (inner.from != nullptr && src.from != nullptr &&
        iequals(view(inner.from->address), view(src.from->address)))
        carry_over(*inner.from, *src.from);
    carry_over(inner.to, src.to);
    carry_over(inner.cc, src.cc);
    carry_over(inner.bcc, src.bcc);
    if (inner.sent == nullptr)
        inner.sent = duplicate(src.sent, timestamp_dup);
    // No header says when and by whom a message was received.
    free_timestamp(inner.recv);
    inner.recv = duplicate(src.recv, timestamp_dup);
    free_identity(inner.recv_by);
    inner.recv_by = duplicate(src.recv_by, identity_dup);
    inner.dir = PEP_dir_incoming;
    inner.enc_format = PEP_enc_none;
}

/// Is there an inner message to be taken out? A forwarded mail of another program has no p≡p
/// header: it stays the attachment it is.
Expected<OwnedMessage> decode_inner(const Incoming& in) {
    const bloblist_t* blob = inner_blob(*in.msg);
    if (blob == nullptr)
        return OwnedMessage{};
    auto decoded = decode_mime(bytes_of(*blob));
    if (!decoded)
        return fail(PEP_DECRYPT_WRONG_FORMAT, "the inner message cannot be parsed");
    if (!is_pEp_msg(decoded->msg.get()) && in.has_inner)
        return OwnedMessage{};
    return std::move(decoded->msg);
}

Expected<void> take_out(Incoming& in, OwnedMessage inner) {
    const Marks marks = read_marks(*inner, in.message_version);
    in.sender_version = marks.sender;
    in.message_version = marks.message;
    in.violation = marks.violation;
    in.old_key_reset = marks.info == "KEY_RESET" && marks.sender == Version{2, 1};
    // A message against the rules is shown; judge_sender() sees to its rating.
    if (!in.violation && marks.info != "INNER" && marks.info != "KEY_RESET")
        return fail(PEP_UNKNOWN_ERROR, "wrapped in an unknown way");
    if (marks.sender > Version{2, 0}) {
        const char* fpr = field(*inner, header::sender_fpr);
        if (fpr != nullptr)
            assign(inner->_sender_fpr, normalised_fpr(fpr));
    }
    drop_field(inner->opt_fields, header::wrapped_info);
    pull_up_bodies(*inner);
    const std::string inside = in.keys.from_attachments(*inner);
    if (in.sender_key.empty()) // the wrapper's comes first
        in.sender_key = inside;
    carry_over_envelope(*inner, in.src);
    in.msg = std::move(inner);
    in.wrapped = true;
    return {};
}

} // namespace

Expected<void> unwrap_message(Incoming& in) {
    in.sender_version = in.outer_version;
    in.message_version = in.pep_message ? Version{1, 0} : Version{};
    // A message whose signature is wrong, or whose pieces failed, is shown as it is and for what it
    // is.
    const bool readable =
        in.status == PEP_DECRYPTED || in.verified() || in.status == PEP_VERIFY_SIGNER_KEY_REVOKED;
    std::string info;
    if (!in.has_inner || !readable) {
        take_over_header(in);
        if (readable)
            info = take_hidden_fields(in);
    }
    if (!readable || (!in.has_inner && info.empty()))
        return {};

    auto inner = decode_inner(in);
    if (!inner)
        return fail(inner);
    if (*inner)
        return take_out(in, std::move(*inner));
    if (in.has_inner) {
        // A mail that was forwarded as an attachment: the outer message is the one to read.
        in.has_inner = false;
        take_over_header(in);
        static_cast<void>(take_hidden_fields(in));
    }
    return {};
}

} // namespace pep::engine
