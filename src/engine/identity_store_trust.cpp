// SQL of keys and trust: who trusts which key how far, and which keys are no longer used.
#include "engine/guard.hpp"
#include "engine/identity_store.hpp"

namespace pep::engine {

namespace {

/// All rows of a query for user id, fingerprint and value.
Expected<std::vector<IdentityStore::Trust>> trust_rows(sqlite::Query query) {
    std::vector<IdentityStore::Trust> rows;
    for (;;) {
        auto more = query.step();
        if (!more)
            return fail(more);
        if (!*more)
            return rows;
        rows.push_back({query.text(0), query.text(1), static_cast<PEP_comm_type>(query.integer(2))}
        );
    }
}

} // namespace

Expected<void> IdentityStore::put_key(std::string_view fpr) {
    // Only the fingerprint: what is noted about a key may precede its certificate, and outlive it.
    auto look = db_->query("SELECT 1 FROM pgp_keypair WHERE fpr = ?1");
    look.bind(fpr);
    auto stored = look.step();
    if (!stored)
        return fail(stored);
    if (*stored)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // From here on rows of other tables can refer to the key.
    auto query = db_->query("INSERT INTO pgp_keypair (fpr) VALUES (?1)");
    query.bind(fpr);
    return write(
        std::move(query), PEP_CANNOT_SET_PGP_KEYPAIR, "cannot store the key's fingerprint"
    );
}

Expected<std::optional<PEP_comm_type>>
IdentityStore::trust(std::string_view user_id, std::string_view fpr) {
    // No row is not the same as a row that says unknown: that one ties the key to the user.
    auto query = db_->query("SELECT comm_type FROM trust WHERE user_id = ?1 AND fpr = ?2");
    query.bind(user_id).bind(fpr);
    auto found = query.step();
    if (!found)
        return fail(found);
    if (!*found)
        return std::nullopt;
    return static_cast<PEP_comm_type>(query.integer(0));
}

Expected<void>
IdentityStore::put_trust(std::string_view user_id, std::string_view fpr, PEP_comm_type ct) {
    auto stored = trust(user_id, fpr);
    if (!stored)
        return fail(stored);
    // As nearly always: nothing changed since the last look.
    if (*stored && **stored == ct)
        return {};
    if (auto key = put_key(fpr); !key) // a trust row refers to it
        return key;
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // INSERT OR REPLACE would make a new row, and so lose the sticky mark.
    auto query = db_->query("INSERT INTO trust (user_id, fpr, comm_type) VALUES (?1, ?2, ?3)"
                            " ON CONFLICT DO UPDATE SET comm_type = excluded.comm_type");
    query.bind(user_id).bind(fpr).bind(static_cast<int>(ct));
    return write(std::move(query), PEP_CANNOT_SET_TRUST, "cannot store the trust");
}

Expected<void> IdentityStore::delete_trust(std::string_view user_id, std::string_view fpr) {
    auto stored = trust(user_id, fpr);
    if (!stored || !*stored)
        return stored ? Expected<void>{} : fail(stored);
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // For this user alone: others may have a row for the same key.
    auto query = db_->query("DELETE FROM trust WHERE user_id = ?1 AND fpr = ?2");
    query.bind(user_id).bind(fpr);
    return write(std::move(query), PEP_CANNOT_SET_TRUST, "cannot remove the trust");
}

Expected<void> IdentityStore::delete_key(std::string_view fpr) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // Trust and notes of replacement are deleted with it, defaults become NULL.
    auto query = db_->query("DELETE FROM pgp_keypair WHERE fpr = ?1"); // foreign keys do the rest
    query.bind(fpr);
    return write(std::move(query), PEP_UNKNOWN_DB_ERROR, "cannot forget the key");
}

Expected<std::vector<IdentityStore::Trust>> IdentityStore::trusts_of_user(std::string_view user_id
) {
    // Also of keys that are not in the ring, of which this table knows nothing.
    auto query = db_->query("SELECT user_id, fpr, comm_type FROM trust WHERE user_id = ?1");
    query.bind(user_id);
    return trust_rows(std::move(query));
}

Expected<std::vector<IdentityStore::Trust>> IdentityStore::trusts_of_key(std::string_view fpr) {
    // Users may share a key, each with trust of his own in it.
    auto query = db_->query("SELECT user_id, fpr, comm_type FROM trust WHERE fpr = ?1");
    query.bind(fpr);
    return trust_rows(std::move(query));
}

Expected<void> IdentityStore::remove_default(std::string_view fpr) {
    // Asked first, because each validation of a revoked key comes by here.
    auto look = db_->query("SELECT 1 FROM identity WHERE main_key_id = ?1"
                           " UNION ALL SELECT 1 FROM person WHERE main_key_id = ?1 LIMIT 1");
    look.bind(fpr);
    auto used = look.step();
    if (!used)
        return fail(used);
    if (!*used)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // Whoever has it: such a key serves nobody any more.
    for (std::string_view sql :
         {"UPDATE identity SET main_key_id = NULL WHERE main_key_id = ?1",
          "UPDATE person SET main_key_id = NULL WHERE main_key_id = ?1"}) {
        auto query = db_->query(sql);
        query.bind(fpr);
        auto done = write(std::move(query), PEP_UNKNOWN_DB_ERROR, "cannot remove the default key");
        if (!done)
            return done;
    }
    return {};
}

Expected<bool> IdentityStore::is_mistrusted_key(std::string_view fpr) {
    // This list outlives users and their trust rows: a rejected key stays rejected.
    auto query = db_->query("SELECT 1 FROM mistrusted_key WHERE fpr = ?1");
    query.bind(fpr);
    return exists(std::move(query));
}

Expected<void> IdentityStore::put_mistrusted_key(std::string_view fpr) {
    auto stored = is_mistrusted_key(fpr);
    if (!stored)
        return fail(stored);
    if (*stored)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // No reference: the key need not be known to any other table.
    auto query = db_->query("INSERT INTO mistrusted_key (fpr) VALUES (?1)");
    query.bind(fpr);
    return write(std::move(query), PEP_CANNOT_SET_PGP_KEYPAIR, "cannot note the mistrusted key");
}

Expected<void> IdentityStore::delete_mistrusted_key(std::string_view fpr) {
    auto stored = is_mistrusted_key(fpr);
    if (!stored)
        return fail(stored);
    if (!*stored)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // The list only: trust rows that say mistrusted are the caller's business.
    auto query = db_->query("DELETE FROM mistrusted_key WHERE fpr = ?1");
    query.bind(fpr);
    return write(std::move(query), PEP_UNKNOWN_DB_ERROR, "cannot remove the mistrusted key");
}

Expected<void> IdentityStore::put_revoked_key(
    std::string_view revoked, std::string_view replacement, std::int64_t when
) {
    // The replacement is a reference, the revoked key just a text: it may be gone.
    if (auto key = put_key(replacement); !key)
        return key;
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // The same pair again gets the new date.
    auto query = db_->query("INSERT OR REPLACE INTO revoked_key (revoked_fpr, replacement_fpr,"
                            " revocation_date) VALUES (?1, ?2, ?3)");
    query.bind(revoked).bind(replacement).bind(when);
    // The status set_revoked() has for this in the engine 3.3.
    return write(std::move(query), PEP_CANNOT_SET_PGP_KEYPAIR, "cannot note the replaced key");
}

Expected<void> IdentityStore::put_contact(
    std::string_view own_user_id, std::string_view own_address, std::string_view contact_user_id
) {
    // A day is fine enough, and spares a write with each message.
    auto look = db_->query("SELECT 1 FROM social_graph WHERE own_user_id = ?1 AND own_address = ?2"
                           " AND contact_user_id = ?3 AND last_contact > unixepoch() - 86400");
    look.bind(own_user_id).bind(own_address).bind(contact_user_id);
    auto stored = look.step();
    if (!stored)
        return fail(stored);
    if (*stored)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // A contact of earlier days gets a new date, no second row.
    auto query = db_->query(
        "INSERT INTO social_graph (own_user_id, own_address, contact_user_id, last_contact)"
        " VALUES (?1, ?2, ?3, unixepoch()) ON CONFLICT DO UPDATE SET last_contact = unixepoch()"
    );
    query.bind(own_user_id).bind(own_address).bind(contact_user_id);
    return write(std::move(query), PEP_UNKNOWN_DB_ERROR, "cannot note the contact");
}

} // namespace pep::engine
