// See the header.
#include "engine/message_survey.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/ratings.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Own recipients are looked up only: an encryption makes no keys but the sender's.
Expected<void> add_own(pEp_session_& session, pEp_identity& recipient) {
    auto known = myself(session, recipient, Generate::no, Renew::no, Write::no);
    if (!known && status_of(known.error()) == PEP_GET_KEY_FAILED) {
        recipient.comm_type = PEP_ct_key_not_found;
        return {};
    }
    return known;
}

/// Look up one recipient in place and add him to the survey. A partner who cannot be looked up is
/// no error: the message stays unencrypted.
Expected<void> survey_one(
    pEp_session_& session, message& src, pEp_identity& recipient, bool is_bcc, Survey& survey
) {
    auto own = is_mine(session, recipient);
    if (!own)
        return fail(own);
    if (recipient.me || *own) {
        if (auto added = add_own(session, recipient); !added)
            return added;
    } else {
        const auto updated = update_identity(session, recipient);
        if (!updated) {
            if (status_of(updated.error()) != PEP_CANNOT_FIND_IDENTITY)
                survey.unreachable = true;
            recipient.comm_type = PEP_ct_key_not_found;
        }
        if (updated && !recipient.me) { // an own address turns out to be own
            // 4.1: a hidden recipient counts neither for the version nor as a contact.
            if (!is_bcc) {
                survey.version =
                    std::min(survey.version, Version{recipient.major_ver, recipient.minor_ver});
                if (auto noted = note_contact(session, *src.from, recipient.user_id); !noted)
                    return noted;
            }
            bool pep_user = false;
            // Hidden or not: to known p≡p users keys are sent in passive mode, too.
            if (is_pEp_user(&session, &recipient, &pep_user) == PEP_STATUS_OK)
                survey.pep_user = survey.pep_user || pep_user;
        }
    }
    survey.any = true;
    // Here all count: there is one ciphertext, and the weakest key opens it.
    survey.weakest = combine(survey.weakest, recipient.comm_type);
    if (missing(recipient.fpr))
        survey.keys_missing = true;
    else
        (is_bcc ? survey.hidden : survey.fprs).emplace_back(recipient.fpr);
    return {};
}

} // namespace

Expected<Survey> survey_recipients(pEp_session_& session, message& src) {
    Survey survey;
    // In front, because the first key signs; and senders can read what they sent.
    survey.fprs.emplace_back(src.from->fpr);
    for (identity_list* list : {src.to, src.cc, src.bcc}) {
        // Asked at the head: further on `list` is a node in the middle.
        const bool is_bcc = list != nullptr && list == src.bcc;
        for (; list != nullptr; list = list->next) {
            if (list->ident == nullptr)
                continue;
            // Nobody knows who is meant, so nobody can say that he could read it.
            if (missing(list->ident->address)) {
                survey.unreachable = true;
                continue;
            }
            if (auto done = survey_one(session, src, *list->ident, is_bcc, survey); !done)
                return fail(done);
        }
    }
    return survey;
}

std::string common_media_key(pEp_session_& session, Context& context, const message& src) {
    if (identity_list_length(src.bcc) > 0)
        return {};
    std::string common;
    for (const identity_list* list : {src.to, src.cc}) {
        for (; list != nullptr; list = list->next) {
            if (list->ident == nullptr)
                continue;
            const std::string key = session.media_keys.find(view(list->ident->address));
            if (key.empty() || (!common.empty() && key != common))
                return {};
            common = key;
        }
    }
    // A key that is not here, or too weak, is none: so is "", if there are no recipients.
    const auto quality = context.keys.rating(common);
    return quality && *quality >= PEP_ct_strong_but_unconfirmed ? common : std::string{};
}

PEP_enc_format settle_format(pEp_session_& session, const message& src, PEP_enc_format format) {
    for (const identity_list* list : {src.to, src.cc, src.bcc}) {
        for (; list != nullptr; list = list->next) {
            pEp_identity* recipient = list->ident;
            if (recipient == nullptr || recipient->me)
                continue;
            // Asked for auto, the first preference wins; others have no say.
            const PEP_enc_format stored = recipient->enc_format;
            if (format == PEP_enc_auto) {
                if (stored == PEP_enc_PGP_MIME || stored == PEP_enc_PEP ||
                    stored == PEP_enc_inline || stored == PEP_enc_inline_EA)
                    return stored;
            } else if (format != PEP_enc_none && stored != format) {
                // A preference that cannot be stored does not stop the message.
                if (set_ident_enc_format(&session, recipient, format) == PEP_STATUS_OK)
                    recipient->enc_format = format;
            }
        }
    }
    return format == PEP_enc_auto ? PEP_enc_PEP : format;
}

} // namespace pep::engine
