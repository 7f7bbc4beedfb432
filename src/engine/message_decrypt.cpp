// The course of decrypt_message (see the header); the steps stand in message_open, message_inner
// and message_sender.
#include "engine/message_decrypt.hpp"

#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/key_reset_contacts.hpp"
#include "engine/key_reset_received.hpp"
#include "engine/message_incoming.hpp"
#include "engine/message_reencrypt.hpp"
#include "engine/ratings.hpp"
#include "engine/receiver_rating.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Ratings are ours to give: what the sender or a relay wrote there is dropped.
void drop_received_ratings(message& msg) {
    drop_field(msg.opt_fields, header::enc_status);
    drop_field(msg.opt_fields, header::key_list);
}

/// 6.4: `src` itself is what the reader gets, so the message of the result stays null. A rating
/// signed by an own key takes the place of the header fields, which anybody could have written.
Expected<Decryption> unencrypted(Incoming& in) {
    auto stored = read_receiver_rating(in.session, in.src);
    if (!stored)
        return fail(stored);
    drop_received_ratings(in.src);
    pull_up_bodies(in.src);
    if (auto learnt = learn_from_unencrypted(in); !learnt)
        return fail(learnt);
    Decryption result;
    result.status = PEP_UNENCRYPTED;
    result.rating = stored->value_or(rating_from_status(PEP_UNENCRYPTED));
    if (*stored) // a decrypted copy: its colour stays
        set_field(in.src, header::enc_status, rating_to_string(result.rating));
    in.src.rating = result.rating;
    return result;
}

/// There is no plaintext; the status says why. Logged here, because to the guard of the C API such
/// a Decryption is a success.
Decryption failed(Incoming& in, const Error& error) {
    log_failure(error);
    Decryption result;
    result.status = status_of(error);
    result.rating = rating_from_status(result.status);
    in.src.rating = result.rating;
    return result;
}

/// Which own identity received the message, completed as far as that needs no change.
void complete_receiver(Incoming& in) {
    // A failure is no reason not to read the message: its copy just gets no signed rating.
    pEp_identity* receiver = in.src.recv_by;
    if (receiver != nullptr && !missing(receiver->address))
        static_cast<void>(myself(in.session, *receiver, Generate::no, Renew::no, Write::no));
}

/// The same key may be the signer's and a recipient's, and be listed once only.
void drop_repetitions(std::vector<std::string>& keylist) {
    std::vector<std::string> once;
    for (std::string& fpr : keylist)
        if (std::find(once.begin(), once.end(), fpr) == once.end())
            once.push_back(std::move(fpr));
    keylist = std::move(once);
}

/// Is the user in a device group? A failed look-up counts as no.
bool is_grouped(pEp_session_& session) {
    const auto rows =
        look_up(session, [](const Scope& scope) { return scope.store->own_identities(); });
    return rows && std::any_of(rows->begin(), rows->end(), [](const IdentityRow& row) {
               return (row.flags & PEP_idf_devicegroup) != 0;
           });
}

/// 6.0, step 4, and 6.7: a key reset in the message is applied. Its failure is nobody's business,
/// unless the sender is of release 2.1, whose users expect to be told.
Expected<void> process_key_reset(Incoming& in) {
    auto applied = apply_key_reset(in);
    const bool own = in.msg->from != nullptr && in.msg->from->me;
    const bool told = in.old_key_reset && in.verified() && (!own || is_grouped(in.session));
    if (applied && told)
        in.flags |= PEP_decrypt_flag_consume;
    if (!applied && told)
        return applied;
    if (!applied)
        log_failure(applied.error());
    return {};
}

/// A contact who still writes to a replaced key learns of the new one.
void answer_late_contact(const Incoming& in) {
    const pEp_identity* from = in.msg->from;
    if (from == nullptr || from->me || in.keylist.size() < 2 || is_distrusted(from->comm_type))
        return;
    std::vector<const pEp_identity*> addressed;
    for (const identity_list* list : {in.msg->to, in.msg->cc})
        for (; list != nullptr; list = list->next)
            if (list->ident != nullptr && !missing(list->ident->address))
                addressed.push_back(list->ident);
    // At the head of the list stands who signed.
    const std::vector<std::string> recipients(in.keylist.begin() + 1, in.keylist.end());
    tell_late_contact(in.session, *from, recipients, addressed);
}

/// 6.0: who holds a media key reads along, whoever else can. That a key is rejected weighs more.
void rate_by_media_keys(Incoming& in) {
    const bool read_along =
        std::any_of(in.keylist.begin(), in.keylist.end(), [&](const std::string& fpr) {
            return in.session.media_keys.contains(fpr);
        });
    if (read_along && in.rating > PEP_rating_mistrust)
        in.rating = PEP_rating_media_key_protected;
}

/// 6.11: the message as its reader gets it.
Decryption finish(Incoming& in) {
    drop_repetitions(in.keylist);
    rate_by_media_keys(in);
    message& msg = *in.msg;
    drop_received_ratings(msg);
    set_field(msg, header::enc_status, rating_to_string(in.rating));
    set_field(msg, header::key_list, joined(in.keylist));
    // As the engine 3.3 does: without any text there is a placeholder to show, and a message of
    // elevated pieces alone is for programs.
    const bool empty = view(msg.shortmsg).empty() && view(msg.longmsg).empty() &&
                       view(msg.longmsg_formatted).empty();
    if (empty) {
        assign(msg.shortmsg, "pEp");
        if (in.src.enc_format == PEP_enc_inline_EA)
            set_field(msg, header::auto_consume, "yes");
    }
    msg.dir = PEP_dir_incoming;
    msg.enc_format = PEP_enc_none;
    msg.rating = in.rating;
    in.src.rating = in.rating;
    // Behind the rating, which it signs; nothing is attached without a known recv_by.
    write_receiver_rating(in.session, msg);

    Decryption result;
    // That status is internal: to callers a verified message is simply fine.
    result.status = in.verified() ? PEP_STATUS_OK : in.status;
    result.msg = std::move(in.msg);
    result.keylist = std::move(in.keylist);
    result.rating = in.rating;
    result.flags = in.flags;
    return result;
}

} // namespace

Expected<Decryption>
decrypt(pEp_session_& session, message& src, const stringlist_t* extra, PEP_decrypt_flags_t flags) {
    src.rating = PEP_rating_undefined;
    auto context = session.context();
    if (!context)
        return fail(context);
    // Until something is written, all look-ups see one state of the database.
    const sqlite::Snapshot reads{(*context)->store.db()};
    Incoming in{session, **context, src};
    if (auto met = meet_sender(in); !met)
        return fail(met);
    // Keys first: the signature may be by one that came along.
    in.keys.from_autocrypt(src);
    src.enc_format = detect_format(src);
    const bool pgp_mime =
        src.enc_format == PEP_enc_PGP_MIME || src.enc_format == PEP_enc_PGP_MIME_Outlook1;
    // With PGP/MIME the attachments of `src` are control part and ciphertext; keys are inside.
    if (!pgp_mime)
        in.sender_key = in.keys.from_attachments(src);
    if (src.enc_format == PEP_enc_none)
        return unencrypted(in);

    complete_receiver(in);
    if (auto opened = open_message(in, src.enc_format); !opened)
        return failed(in, opened.error());
    if (auto unwrapped = unwrap_message(in); !unwrapped)
        return failed(in, unwrapped.error());
    if (auto judged = judge_sender(in); !judged)
        return fail(judged);
    // Behind the judgement: who may reset a key follows from who signed.
    if (auto processed = process_key_reset(in); !processed) {
        Decryption refused = failed(in, processed.error());
        // 6.7: neither message nor rating.
        in.src.rating = refused.rating = PEP_rating_undefined;
        return refused;
    }
    answer_late_contact(in);
    // Before finish(), which writes into the message what is for its reader alone.
    Expected<void> again;
    if ((flags & PEP_decrypt_flag_untrusted_server) != 0)
        again = reencrypt(in, extra);
    Decryption result = finish(in);
    // The message was read nevertheless; the status tells that `src` is still as it was.
    if (!again) {
        log_failure(again.error());
        result.status = status_of(again.error());
    }
    return result;
}

} // namespace pep::engine
