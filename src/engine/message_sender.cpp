// Who wrote a received message, which key he may claim by it, and what the message is worth (engine
// messages 6.1, 6.4, 6.8 to 6.10). A signature counts for the sender it belongs to and for nobody
// else.
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/message_incoming.hpp"
#include "engine/ratings.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Mark the sender as p≡p user, with a write only when that is news.
Expected<void> note_pep_user(pEp_session_& session, pEp_identity& sender) {
    bool known = false;
    if (is_pEp_user(&session, &sender, &known) == PEP_STATUS_OK && known)
        return {};
    auto noted = set_as_pep_user(session, sender);
    if (noted)
        static_cast<void>(complete_sender(session, sender)); // comm_type and version have risen
    return noted;
}

/// Never lowered: a mail with a lower version may just be an old one.
Expected<void> raise_version(pEp_session_& session, const pEp_identity& sender, Version seen) {
    if (seen <= Version{sender.major_ver, sender.minor_ver})
        return {};
    return raise_protocol_version(session, sender, seen.major, seen.minor);
}

/// The stored name becomes the header's; nothing is written when it is that already.
Expected<void>
keep_username(pEp_session_& session, const pEp_identity& sender, const std::string& username) {
    if (username.empty() || missing(sender.user_id))
        return {};
    pEp_identity* raw = nullptr;
    if (get_identity(&session, sender.address, sender.user_id, &raw) == PEP_STATUS_OK) {
        const OwnedIdentity stored{raw};
        if (view(stored->username) == username)
            return {};
    }
    return force_username(session, sender, username.c_str());
}

/// Does the key bear the sender's address, or was it tied to him before?
Expected<bool> belongs_to(const Incoming& in, const pEp_identity& sender, const std::string& fpr) {
    const auto trust = trust_of(in.session, sender.user_id, fpr);
    if (trust && *trust != PEP_ct_unknown)
        return true;
    // Anybody can make a key with that address. It is enough for yellow; green takes trust in the
    // key.
    auto bearing = in.context.keys.find(view(sender.address), Which::all);
    if (!bearing)
        return fail(bearing);
    return std::find(bearing->begin(), bearing->end(), fpr) != bearing->end();
}

/// A sender without a default key gets `fpr`; an existing one is never replaced by a mail.
Expected<void> adopt(const Incoming& in, pEp_identity& sender, const std::string& fpr) {
    if (fpr.empty() || missing(sender.user_id))
        return {};
    const auto present = default_identity_fpr(in.session, sender.address, sender.user_id);
    if (present && !present->empty())
        return {};
    const auto quality = in.context.keys.rating(fpr);
    if (!quality || *quality < PEP_ct_strong_but_unconfirmed)
        return {}; // expired, revoked or weak: worth nothing as a default
    return adopt_default_key(in.session, sender, fpr);
}

/// 6.8: the key this message may make the sender's default; it always is the one that signed.
std::string claimed_key(const Incoming& in) {
    if (!in.verified() || in.signer().empty())
        return {};
    const std::string& signer = in.signer();
    const auto if_signer = [&](const std::string& fpr) {
        return fpr == signer ? signer : std::string{};
    };
    if (in.wrapped) {
        // Keys that came with 2.0 mails never become default.
        const bool may = in.message_version >= Version{2, 1} && !in.violation &&
                         iequals(view(in.msg->_sender_fpr), signer);
        return may ? if_signer(in.sender_key) : std::string{};
    }
    // Not wrapped, the message does not name its signer: a file, the header or a single key has to.
    const auto& attached = in.keys.attached();
    if (!in.sender_key.empty() && attached.front() == in.sender_key)
        return if_signer(in.sender_key);
    if (in.keys.autocrypt() == signer)
        return signer;
    return attached.size() == 1 ? if_signer(attached.front()) : std::string{};
}

/// A p≡p sender says in the inner message who signed; another signature than that is none.
void check_claimed_signer(Incoming& in) {
    // Older formats need not carry the field; what the user encrypted again names its first signer
    // on purpose.
    if (in.reencrypted || !in.wrapped || in.sender_version < Version{2, 1} ||
        in.message_version < Version{2, 1})
        return;
    const std::string_view claimed = view(in.msg->_sender_fpr);
    if (!claimed.empty() && iequals(claimed, in.signer()))
        return;
    if (in.verified())
        in.status = PEP_DECRYPTED;
    in.rating = std::min(in.rating, PEP_rating_unreliable);
}

/// Was it signed by an own key in place of the one that had signed it before (6.12)? Only the
/// user's own devices can have done that.
Expected<bool> was_reencrypted(const Incoming& in) {
    const std::string_view claimed = view(in.msg->_sender_fpr);
    if (!in.wrapped || !in.verified() || in.violation || in.signer().empty() || claimed.empty() ||
        iequals(claimed, in.signer()) || in.message_version < Version{2, 1})
        return false;
    return is_own_key(in.session, in.signer());
}

/// What a message encrypted again is worth: not more than it was with its first signature, as that
/// key is trusted now.
Expected<PEP_rating> amend_by_first_signer(const Incoming& in, const pEp_identity* from) {
    std::vector<std::string> keylist = in.keylist;
    keylist.front() = view(in.msg->_sender_fpr);
    return amend_rating(in.session, in.rating, from, keylist);
}

/// 6.8 to 6.10, for a message that a key of the sender signed; he is not the user.
Expected<void> learn_from_verified(Incoming& in, pEp_identity& sender) {
    if (auto adopted = adopt(in, sender, claimed_key(in)); !adopted)
        return adopted;
    if (!in.pep_message && in.sender_version == Version{})
        return {};
    if (auto noted = note_pep_user(in.session, sender); !noted)
        return noted;
    const auto trust = trust_of(in.session, sender.user_id, in.signer());
    // Only 0x38 and 0xb8: what is weaker, or was rejected, does not rise by mail.
    if (trust && (*trust | PEP_ct_confirmed) == PEP_ct_OpenPGP)
        if (auto raised = raise_trust_to_pep(in.session, sender.user_id, in.signer()); !raised)
            return raised;
    // 6.9: a p≡p mail that states no version counts as 2.0.
    const Version seen = in.sender_version == Version{} ? Version{2, 0} : in.sender_version;
    return raise_version(in.session, sender, seen);
}

/// As in the message by which the user gives his key to another device. Failures count as no.
bool first_recipient_is_own(const Incoming& in) {
    const identity_list* to = in.msg->to;
    if (to == nullptr || to->ident == nullptr || missing(to->ident->address))
        return false;
    const auto mine = is_mine(in.session, *to->ident);
    const auto own = is_own_address(in.session, to->ident->address);
    return (mine && *mine) || (own && *own);
}

} // namespace

bool complete_sender(pEp_session_& session, pEp_identity& from) {
    const auto mine = is_mine(session, from);
    if (mine && *mine) {
        // The stored name is not the one this message came with, which is shown.
        const std::string username{view(from.username)};
        static_cast<void>(myself(session, from, Generate::no, Renew::no, Write::no));
        if (!username.empty())
            assign(from.username, username);
        return true;
    }
    if (!update_identity(session, from) && missing(from.user_id))
        assign(from.user_id, "TOFU_" + std::string{view(from.address)});
    return from.me; // the address turned out to be own
}

Expected<void> meet_sender(Incoming& in) {
    pEp_identity* from = in.src.from;
    if (from == nullptr || missing(from->address))
        return {};
    in.outer_username = view(from->username);
    in.from_own = complete_sender(in.session, *from);
    if (in.from_own)
        return {};
    if (in.pep_message)
        if (auto noted = note_pep_user(in.session, *from); !noted)
            return noted;
    in.channel_rating = rating_from_comm_type(from->comm_type);
    return {};
}

Expected<void> learn_from_unencrypted(Incoming& in) {
    pEp_identity* from = in.src.from;
    if (from == nullptr || missing(from->address) || in.from_own)
        return {};
    // Anybody can write such a mail: who has a sound key keeps his name.
    if (in.channel_rating < PEP_rating_reliable)
        if (auto kept = keep_username(in.session, *from, in.outer_username); !kept)
            return kept;
    std::string claimed = in.sender_key;
    const auto& attached = in.keys.attached();
    if (claimed.empty() && !in.pep_message)
        claimed = in.keys.autocrypt();
    if (claimed.empty() && attached.size() == 1)
        claimed = attached.front();
    if (auto adopted = adopt(in, *from, claimed); !adopted)
        return adopted;
    return raise_version(in.session, *from, in.outer_version);
}

Expected<void> judge_sender(Incoming& in) {
    pEp_identity* from = in.msg->from;
    const bool known = from != nullptr && !missing(from->address);
    const std::string username{known ? view(from->username) : ""};
    const bool own = known && complete_sender(in.session, *from);

    in.rating = rating_from_status(in.status);
    auto reencrypted = was_reencrypted(in);
    if (!reencrypted)
        return fail(reencrypted);
    in.reencrypted = *reencrypted;
    check_claimed_signer(in);
    if (known && in.verified() && !in.signer().empty() && !in.reencrypted) {
        auto belongs = belongs_to(in, *from, in.signer());
        if (!belongs)
            return fail(belongs);
        if (!*belongs) {
            in.keylist.insert(in.keylist.begin(), ""); // nobody's signature
        } else if (!own) {
            if (auto learnt = learn_from_verified(in, *from); !learnt)
                return learnt;
            // Once more: default key, version and comm_type may be others by now.
            static_cast<void>(complete_sender(in.session, *from));
        }
    }
    auto amended = amend_rating(in.session, in.rating, known ? from : nullptr, in.keylist);
    if (!amended)
        return fail(amended);
    in.rating = std::min(in.rating < PEP_rating_reliable ? in.rating : *amended, *amended);
    if (in.reencrypted) {
        auto before = amend_by_first_signer(in, known ? from : nullptr);
        if (!before)
            return fail(before);
        in.rating = std::min(in.rating, *before);
    }
    if (in.violation)
        in.rating = std::min(in.rating, PEP_rating_b0rken);
    if (in.bare_files) // anybody could have put them there
        in.rating = std::min(in.rating, PEP_rating_unreliable);

    if (in.rating >= PEP_rating_trusted && in.keys.private_key() && first_recipient_is_own(in))
        in.flags |= PEP_decrypt_flag_own_private_key;
    if (in.rating >= PEP_rating_reliable && known && !own)
        return keep_username(in.session, *from, username);
    return {};
}

} // namespace pep::engine
