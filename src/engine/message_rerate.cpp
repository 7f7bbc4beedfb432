// What is said here about a message follows from the database as it is now; nothing is decrypted
// again unless the caller no longer knows who signed.
#include "engine/message_rerate.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/identity_trustwords.hpp"
#include "engine/key_ids.hpp"
#include "engine/key_validity.hpp"
#include "engine/message_decrypt.hpp"
#include "engine/message_format.hpp"
#include "engine/message_incoming.hpp"
#include "engine/owned.hpp"
#include "engine/ratings.hpp"
#include "engine/receiver_rating.hpp"

namespace pep::engine {

namespace {

/// With the empty ones: in front, such a one says that nobody signed.
std::vector<std::string> values_of(const stringlist_t* list) {
    std::vector<std::string> values;
    for (; list != nullptr; list = list->next)
        if (list->value != nullptr)
            values.emplace_back(list->value);
    return values;
}

/// Signer ("" if none) and recipients, by the argument or by the field decryption left.
std::vector<std::string> known_keys(const message& msg, const stringlist_t* keylist) {
    auto keys = values_of(keylist);
    if (!keys.empty())
        return keys;
    const char* stored = field(msg, header::key_list);
    if (stored == nullptr)
        return {};
    for (const auto fpr : split(stored, ','))
        keys.emplace_back(trim(fpr));
    return keys;
}

/// Who signed; a message without list of keys is decrypted for it.
Expected<std::string>
signer_of(pEp_session_& session, const message& msg, const stringlist_t* keylist) {
    if (keylist != nullptr) {
        if (missing(keylist->value))
            return fail(PEP_ILLEGAL_VALUE, "the list of keys names no signer");
        return std::string{keylist->value};
    }
    // Decryption changes its source: rating, format, and fields that others wrote.
    const OwnedMessage copy{duplicate(&msg, message_dup)};
    auto decrypted = decrypt(session, *copy);
    if (!decrypted)
        return fail(decrypted);
    // Trustwords of a key that did not sign would be confirmed for nothing.
    if (decrypted->status != PEP_STATUS_OK)
        return fail(decrypted->status, "the message has no verified signer");
    if (decrypted->keylist.empty() || decrypted->keylist.front().empty())
        return fail(PEP_VERIFY_NO_KEY, "nobody's signature is on the message");
    return decrypted->keylist.front();
}

/// The row update_identity() would find, without the trouble.
Expected<PEP_comm_type> stored_type(IdentityStore& store, const pEp_identity& recipient) {
    std::optional<IdentityRow> row;
    if (!missing(recipient.user_id)) {
        auto found = store.identity(recipient.address, recipient.user_id);
        if (!found)
            return fail(found);
        row = std::move(*found);
    } else {
        auto rows = store.by_address(recipient.address);
        if (!rows)
            return fail(rows);
        if (!rows->empty())
            row = std::move(rows->front());
    }
    if (!row || row->fpr.empty())
        return PEP_ct_unknown;
    // As it was stored last; whether the key is still good is not asked (7.4).
    auto trust = store.trust(row->user_id, row->fpr);
    if (!trust)
        return fail(trust);
    return trust->value_or(PEP_ct_unknown);
}

} // namespace

Expected<PEP_rating>
rate_again(pEp_session_& session, message& msg, const stringlist_t* keylist, PEP_rating rating) {
    if (rating == PEP_rating_undefined)
        // decrypt() wrote it, and dropped what others had written there.
        rating = string_to_rating(field(msg, header::enc_status));
    if (rating == PEP_rating_undefined)
        return fail(PEP_ILLEGAL_VALUE, "nothing says how the message was rated");
    // The caller's list comes before the one in the message.
    const auto keys = known_keys(msg, keylist);
    if (keys.empty()) {
        // Mail in the clear has no keys; how well any other was protected depends on them.
        if (rating != PEP_rating_unencrypted)
            return fail(PEP_ILLEGAL_VALUE, "nothing says which keys the message was for");
        return rating;
    }
    const bool known = msg.from != nullptr && !missing(msg.from->address);
    if (known)
        // Trust is looked up by user id, and a stored message need not have one.
        static_cast<void>(complete_sender(session, *msg.from));
    auto amended = amend_rating(session, rating, known ? msg.from : nullptr, keys);
    if (amended) {
        msg.rating = *amended;
        // First, since no second rating is attached to a message that has one.
        drop_receiver_rating(msg);
        write_receiver_rating(session, msg);
    }
    return amended;
}

Expected<PEP_rating> rate_preview(pEp_session_& session, const message& msg) {
    return look_up(session, [&](const Scope& scope) -> Expected<PEP_rating> {
        PEP_comm_type combined = PEP_ct_pEp;
        bool any = false;
        for (const identity_list* list : {msg.to, msg.cc, msg.bcc}) {
            for (; list != nullptr; list = list->next) {
                if (list->ident == nullptr)
                    continue;
                // It stays so for a recipient without address.
                Expected<PEP_comm_type> type = PEP_ct_unknown;
                if (!missing(list->ident->address))
                    type = stored_type(*scope.store, *list->ident);
                if (!type)
                    return fail(type);
                combined = combine(combined, *type);
                any = true;
            }
        }
        // 7.4: without recipients nothing lowers the best rating there is.
        return any ? rate_recipients(combined) : rating_from_comm_type(PEP_ct_pEp);
    });
}

Expected<std::string> message_trustwords(
    pEp_session_& session,
    const message& msg,
    const stringlist_t* keylist,
    const pEp_identity& received_by,
    const char* lang,
    bool full
) {
    if (msg.from == nullptr || missing(msg.from->address))
        return fail(PEP_ILLEGAL_VALUE, "the message has no sender");
    // Asked first: without an own identity the words have no other side, and decrypting is dear.
    if (auto own = own_user_id(session); !own)
        return own;
    auto signer = signer_of(session, msg, keylist);
    if (!signer)
        return signer;
    const OwnedIdentity partner{duplicate(msg.from, identity_dup)};
    assign(partner->fpr, *signer);
    const OwnedIdentity own{duplicate(&received_by, identity_dup)};
    // A fingerprint that the caller names is used as it is.
    if (missing(own->fpr)) {
        auto completed = myself(session, *own, Generate::no, Renew::no, Write::no);
        if (!completed)
            return fail(completed);
    }
    return trustwords_of(session, *partner, *own, lang, full);
}

Expected<std::vector<std::string>> key_ids_of(const message& msg) {
    const PEP_enc_format format = detect_format(msg);
    if (format == PEP_enc_none)
        return fail(PEP_UNENCRYPTED, "the message is not encrypted");
    // Read from the packets: no secret key is needed, none is asked for.
    return recipient_key_ids(ciphertext_of(msg, format));
}

} // namespace pep::engine
