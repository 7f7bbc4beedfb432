// See the header.
#include "engine/message_reencrypt.hpp"

#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/message_encrypt.hpp"
#include "engine/message_encrypt_self.hpp"

#include <algorithm>
#include <utility>

namespace pep::engine {

namespace {

/// Everything that is content or header; what the caller noted about the mail stays.
/// Swapped, so that what was replaced goes with `again`.
void replace_content(message& src, message& again) {
    std::swap(src.shortmsg, again.shortmsg);
    std::swap(src.longmsg, again.longmsg);
    std::swap(src.longmsg_formatted, again.longmsg_formatted);
    std::swap(src.attachments, again.attachments);
    std::swap(src.reply_to, again.reply_to);
    std::swap(src.in_reply_to, again.in_reply_to);
    std::swap(src.references, again.references);
    std::swap(src.keywords, again.keywords);
    std::swap(src.comments, again.comments);
    std::swap(src.bcc, again.bcc);
    std::swap(src.opt_fields, again.opt_fields);
    src.enc_format = again.enc_format;
}

} // namespace

Expected<void> reencrypt(Incoming& in, const stringlist_t* extra) {
    const bool subject_differs =
        in.session.unencrypted_subject && view(in.src.shortmsg) != view(in.msg->shortmsg);
    const auto fprs = fprs_of(extra);
    if (fprs.empty()) {
        // Nobody is to read it who could not before: the ciphertext may stay.
        if (subject_differs) {
            assign(in.src.shortmsg, view(in.msg->shortmsg));
            in.flags |= PEP_decrypt_flag_src_modified;
        }
        return {};
    }
    // An own signature would make of any other message something it is not.
    if (!in.verified() || in.signer().empty() || in.violation)
        return {};
    auto own = is_own_key(in.session, in.signer());
    if (!own)
        return fail(own);
    const bool all_can_read = std::all_of(fprs.begin(), fprs.end(), [&](const std::string& fpr) {
        return std::find(in.keylist.begin(), in.keylist.end(), fpr) != in.keylist.end();
    });
    // Signed by the user and readable for all of them already: nothing would be gained.
    if (*own && all_can_read && !subject_differs)
        return {};
    pEp_identity* reader = in.src.recv_by;
    if (reader == nullptr || missing(reader->fpr))
        return fail(PEP_CANNOT_REENCRYPT, "recv_by does not say which own key is to read it");
    // What the mail itself says of its signer stays only where an own key vouches for it: another
    // key invented there would be judged in place of the one that signed, mistrusted or not.
    if (!in.reencrypted)
        assign(in.msg->_sender_fpr, in.signer());
    auto again = encrypt_for_self(
        in.session, *reader, *in.msg, extra, PEP_enc_PGP_MIME, PEP_encrypt_reencrypt
    );
    if (!again) {
        // One status for all reasons; which it was stands in the log.
        log_failure(again.error());
        return fail(PEP_CANNOT_REENCRYPT, "the message cannot be encrypted again");
    }
    replace_content(in.src, **again);
    in.flags |= PEP_decrypt_flag_src_modified;
    return {};
}

} // namespace pep::engine
