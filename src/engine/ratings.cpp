// Ratings of messages and identities (see the header).
#include "engine/ratings.hpp"

#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/owned.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Bare quality of a key; unknown when it is not here.
Expected<PEP_comm_type> bare_rating(Context& context, const std::string& fpr) {
    // That a key is gone is no failure: messages outlive the keys they were made with.
    auto rating = context.keys.rating(fpr);
    if (!rating && status_of(rating.error()) == PEP_KEY_NOT_FOUND)
        return PEP_ct_unknown;
    return rating;
}

/// 7.3: what a key among the recipients is worth, whoever it belongs to.
Expected<PEP_rating>
rate_recipient_key(pEp_session_& session, Context& context, const std::string& fpr) {
    auto bare = bare_rating(context, fpr);
    if (!bare)
        return fail(bare);
    auto trust = least_trust_of(session, fpr);
    if (!trust)
        return fail(trust);
    PEP_comm_type type = *trust;
    // Trust says more than quality, and already holds it, as long as both are good.
    if (type == PEP_ct_unknown)
        type = *bare;
    else if (*bare < PEP_ct_strong_but_unconfirmed || type < PEP_ct_strong_but_unconfirmed)
        type = std::min(*bare, type);
    return rating_from_comm_type(type);
}

/// What an identity can receive now; nothing is made for it, and the caller's struct stays as it
/// is.
Expected<PEP_comm_type> recipient_type(pEp_session_& session, const pEp_identity& recipient) {
    // Both rules below write what they find into the struct they get.
    const OwnedIdentity copy{duplicate(&recipient, identity_dup)};
    auto own = is_mine(session, *copy);
    if (!own)
        return fail(own);
    const auto updated = copy->me || *own
                             ? myself(session, *copy, Generate::no, Renew::no, Write::no)
                             : update_identity(session, *copy);
    // An identity that cannot be completed is no reason to fail: nothing can be sent to it safely.
    return updated ? copy->comm_type : PEP_ct_unknown;
}

} // namespace

PEP_rating rating_from_status(PEP_STATUS status) {
    switch (status) { // NOLINT(clang-diagnostic-switch-enum): most statuses say nothing here
    case PEP_UNENCRYPTED:
    case PEP_VERIFIED:
    case PEP_VERIFY_NO_KEY:
    case PEP_VERIFIED_AND_TRUSTED:
        return PEP_rating_unencrypted;
    case PEP_DECRYPTED:
    case PEP_VERIFY_SIGNER_KEY_REVOKED:
    case PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH:
        return PEP_rating_unreliable;
    case PEP_DECRYPTED_AND_VERIFIED:
        return PEP_rating_reliable;
    case PEP_DECRYPT_NO_KEY:
        return PEP_rating_have_no_key;
    case PEP_DECRYPT_WRONG_FORMAT:
    case PEP_CANNOT_DECRYPT_UNKNOWN:
        return PEP_rating_cannot_decrypt;
    default:
        return PEP_rating_undefined;
    }
}

PEP_comm_type combine(PEP_comm_type so_far, PEP_comm_type next) {
    const auto wins = [](PEP_comm_type type) {
        return type == PEP_ct_compromised || type == PEP_ct_mistrusted;
    };
    // Red stays red, whichever of the two comes first.
    if (wins(so_far))
        return so_far;
    return wins(next) ? next : std::min(so_far, next);
}

Expected<PEP_rating> amend_rating(
    pEp_session_& session,
    PEP_rating rating,
    const pEp_identity* sender,
    const std::vector<std::string>& keylist
) {
    if (rating <= PEP_rating_mistrust)
        return rating;
    // Without a list nothing is known of signer and recipients.
    if (keylist.empty())
        return PEP_rating_undefined;
    // Trust is kept by user; an empty first entry says that no good signature was found.
    if (sender == nullptr || missing(sender->user_id) || keylist.front().empty())
        return PEP_rating_unreliable;

    auto context = session.context();
    if (!context)
        return fail(context);
    const std::string& signer = keylist.front();
    auto type = trust_of(session, sender->user_id, signer);
    // No row yet, as for the first mail of somebody: what the key itself is worth.
    if (type && *type == PEP_ct_unknown)
        type = bare_rating(**context, signer);
    if (!type)
        return fail(type);
    // The signer's key is gone, too: what was known when the message came stays.
    if (*type == PEP_ct_unknown)
        return rating;

    // A trusted signer lifts a verified message above what its status alone is worth; nothing lifts
    // one that is unreliable already, and each recipient's key can only lower it.
    PEP_rating amended = rating_from_comm_type(*type);
    if (rating < PEP_rating_reliable)
        amended = std::min(amended, rating);
    for (const std::string& fpr : keylist) {
        if (fpr.empty() || fpr == signer)
            continue;
        auto recipient = rate_recipient_key(session, **context, fpr);
        if (!recipient)
            return fail(recipient);
        // One rejected key makes the whole message red, however bad the others are.
        if (*recipient <= PEP_rating_mistrust)
            return *recipient;
        amended = std::min(amended, *recipient);
    }
    return amended;
}

PEP_rating rate_recipients(PEP_comm_type combined) {
    // Never red, never have_no_key: such a message goes out, but unencrypted.
    return std::max(rating_from_comm_type(combined), PEP_rating_unencrypted);
}

Expected<PEP_rating> rate_outgoing(pEp_session_& session, const message& msg) {
    // The best there is, hence neutral in combine().
    PEP_comm_type combined = PEP_ct_pEp;
    bool any = false;
    for (const identity_list* list : {msg.to, msg.cc, msg.bcc}) {
        for (; list != nullptr; list = list->next) {
            if (list->ident == nullptr)
                continue;
            auto type = recipient_type(session, *list->ident);
            if (!type)
                return fail(type);
            combined = combine(combined, *type);
            any = true;
        }
    }
    return any ? rate_recipients(combined) : PEP_rating_undefined;
}

Expected<PEP_rating> rate_identity(pEp_session_& session, pEp_identity& identity) {
    // Read-only for own identities: to be rated is no reason to get a key.
    auto updated = identity.me ? myself(session, identity, Generate::no, Renew::yes, Write::no)
                               : update_identity(session, identity);
    if (!updated)
        return fail(updated);
    const PEP_rating rating = rating_from_comm_type(identity.comm_type);
    const bool by_gateway = rating == PEP_rating_unreliable && !identity.me &&
                            !session.media_keys.find(view(identity.address)).empty();
    return by_gateway ? PEP_rating_media_key_protected : rating;
}

} // namespace pep::engine
