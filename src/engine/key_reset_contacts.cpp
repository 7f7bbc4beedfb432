// Messages about replaced keys (see the header).
#include "engine/key_reset_contacts.hpp"

#include "engine/guard.hpp"
#include "engine/message_encrypt.hpp"
#include "engine/owned.hpp"
#include "engine/payload_message.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Whom to tell, and where.
struct Contact {
    std::string address;
    std::string user_id;
};

/// All rows at once: the messages are made and sent with the query finished.
Expected<std::vector<Contact>> contacts(sqlite::Query query) {
    std::vector<Contact> found;
    for (;;) {
        auto row = query.step();
        if (!row)
            return fail(row);
        if (!*row)
            return found;
        found.push_back({query.text(0), query.text(1)});
    }
}

/// p≡p users the identity wrote to, recently, and who do not know yet; the newest address of each.
Expected<std::vector<Contact>> recent_contacts(sqlite::Database& db, const Replacement& what) {
    // With max(), SQLite takes the other columns from that row. Version 1 of the database knew no
    // date of the last contact, so the identity's own date counts, too.
    auto query = db.query("SELECT i.address, i.user_id, max(i.created) FROM social_graph s"
                          " JOIN identity i ON i.user_id = s.contact_user_id AND i.is_own = 0"
                          " JOIN person p ON p.id = i.user_id AND p.is_pep_user = 1"
                          " WHERE s.own_user_id = ?1 AND s.own_address = ?2"
                          " AND max(s.last_contact, i.created) > unixepoch() - ?3"
                          " AND NOT EXISTS (SELECT 1 FROM revocation_contact r"
                          "  WHERE r.fpr = ?4 AND r.own_address = ?2 AND r.contact_id = i.user_id)"
                          " GROUP BY i.user_id");
    query.bind(what.own.user_id)
        .bind(what.own.address)
        .bind(std::int64_t{recent_contact_days} * 24 * 3600)
        .bind(what.old_fpr);
    return contacts(std::move(query));
}

/// The same question about one contact, however long ago.
Expected<bool>
may_be_told(sqlite::Database& db, const Replacement& what, const std::string& user_id) {
    auto query = db.query("SELECT 1 FROM social_graph s JOIN person p ON p.id = s.contact_user_id"
                          " WHERE p.is_pep_user = 1 AND s.own_user_id = ?1 AND s.own_address = ?2"
                          " AND s.contact_user_id = ?3"
                          " AND NOT EXISTS (SELECT 1 FROM revocation_contact r"
                          "  WHERE r.fpr = ?4 AND r.own_address = ?2 AND r.contact_id = ?3)");
    query.bind(what.own.user_id).bind(what.own.address).bind(user_id).bind(what.old_fpr);
    return query.step();
}

/// Outside of any transaction: the message is on its way, whatever fails after it.
Expected<void>
note_told(pEp_session_& session, const Replacement& what, const std::string& user_id) {
    auto context = session.context();
    if (!context)
        return fail(context);
    auto query = (*context)->store.db().query(
        "INSERT OR REPLACE INTO revocation_contact (fpr, own_address, contact_id)"
        " VALUES (?1, ?2, ?3)"
    );
    query.bind(what.old_fpr).bind(what.own.address).bind(user_id);
    if (auto done = query.run(); !done)
        return fail(done);
    return {};
}

/// The message from the identity, which has its new key, to a partner.
Expected<OwnedMessage>
message_to_partner(pEp_session_& session, const Replacement& what, const Contact& to) {
    WireIdentity ident = wire_identity(what.own);
    // A command names the identity with the key that goes; the new one stands beside it.
    ident.fpr = what.old_fpr;
    auto payload = encode_key_reset({{std::move(ident), what.own.fpr}});
    if (!payload)
        return fail(payload);
    const OwnedIdentity me{new_identity(nullptr, nullptr, nullptr, nullptr)};
    const OwnedIdentity partner{
        new_identity(to.address.c_str(), nullptr, to.user_id.c_str(), nullptr)};
    if (!me || !partner)
        throw std::bad_alloc{};
    if (auto done = assign(*me, what.own); !done)
        return fail(done);
    const OwnedMessage msg = distribution_message(*me, *partner, *payload);
    // As every message it brings the sender's key and, for a week, the revoked one.
    return encrypt_key_reset(session, *msg);
}

/// Whoever cannot be told now has no usable key, or will be when he writes.
void tell(pEp_session_& session, const Replacement& what, const Contact& to) {
    auto msg = message_to_partner(session, what, to);
    if (!msg) {
        log_failure(msg.error());
        return;
    }
    // Not noted, so that the next occasion may succeed.
    if (session.message_to_send(msg->release()) != PEP_STATUS_OK)
        return;
    if (auto noted = note_told(session, what, to.user_id); !noted)
        log_failure(noted.error());
}

/// The own identity at `address`, if its key took the place of `fpr`; else KEY_NOT_FOUND.
Expected<Replacement>
replacement_at(pEp_session_& session, const std::string& fpr, const char* address) {
    auto own = look_up(session, [&](const Scope& scope) -> Expected<Identity> {
        auto id = scope.store->own_user_id();
        if (!id)
            return fail(id);
        auto row = scope.store->identity(address, *id);
        if (!row)
            return fail(row);
        return *row && (*row)->own ? identity_of(**row, PEP_ct_pEp) : Identity{};
    });
    if (!own)
        return fail(own);
    auto context = session.context();
    if (!context)
        return fail(context);
    // Asked for the pair: identities that shared a key have different successors of it.
    auto query = (*context)->store.db().query(
        "SELECT 1 FROM revoked_key WHERE revoked_fpr = ?1 AND replacement_fpr = ?2"
    );
    query.bind(fpr).bind(own->fpr);
    auto replaced = query.step();
    if (!replaced)
        return fail(replaced);
    if (!*replaced)
        return fail(PEP_KEY_NOT_FOUND, "the key was not replaced for this identity");
    return Replacement{*std::move(own), fpr};
}

/// The question every message asks first: cheap, and nearly always answered with no.
bool was_replaced(pEp_session_& session, const std::string& fpr) {
    auto context = session.context();
    if (!context)
        return false;
    auto query =
        (*context)->store.db().query("SELECT 1 FROM revoked_key WHERE revoked_fpr = ?1 LIMIT 1");
    query.bind(fpr);
    const auto found = query.step();
    return found && *found;
}

} // namespace

WireIdentity wire_identity(const Identity& identity) {
    WireIdentity wire;
    wire.address = identity.address;
    wire.fpr = identity.fpr;
    wire.user_id = identity.user_id;
    wire.username = identity.username;
    // Told, but not relied on: receivers judge the keys by themselves.
    wire.comm_type = identity.ct;
    // The wire has no empty language: "en" stands for it.
    if (!identity.lang.empty())
        wire.lang = identity.lang;
    return wire;
}

Expected<OwnedMessage> encrypt_key_reset(pEp_session_& session, message& msg) {
    OwnedMessage encrypted;
    // The flag is for the wrapping, which marks the message for partners newer than release 2.1.
    auto status =
        encrypt(session, msg, nullptr, encrypted, PEP_enc_auto, PEP_encrypt_flag_key_reset_only);
    if (!status)
        return fail(status);
    // To encrypt() a message that goes out in the clear is a success.
    if (*status != PEP_STATUS_OK)
        return fail(*status, "a key reset message cannot be encrypted");
    return encrypted;
}

void tell_recent_contacts(pEp_session_& session, const Replacement& replacement) {
    if (!session.message_to_send)
        return;
    auto context = session.context();
    if (!context)
        return log_failure(context.error());
    auto known = recent_contacts((*context)->store.db(), replacement);
    if (!known)
        return log_failure(known.error());
    // Who cannot be told does not keep the others from knowing.
    for (const Contact& contact : *known)
        tell(session, replacement, contact);
}

void tell_late_contact(
    pEp_session_& session,
    const pEp_identity& sender,
    const std::vector<std::string>& recipients,
    const std::vector<const pEp_identity*>& addressed
) {
    if (!session.message_to_send || missing(sender.address) || missing(sender.user_id))
        return;
    for (const std::string& fpr : recipients) {
        if (!was_replaced(session, fpr))
            continue;
        for (const pEp_identity* to : addressed) {
            // Others among the addressed are no own identities, or never had that key.
            auto what = replacement_at(session, fpr, to->address);
            auto context = session.context();
            if (!what || !context)
                continue;
            // The message need not be signed, but what it brings about goes to a known contact, and
            // once only.
            auto may = may_be_told((*context)->store.db(), *what, sender.user_id);
            if (may && *may)
                tell(session, *what, {sender.address, sender.user_id});
        }
    }
}

} // namespace pep::engine
