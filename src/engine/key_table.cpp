// Only validly bound subkeys and self-signed user ids get index entries: what somebody glued onto a
// foreign certificate must not make it found.
#include "engine/key_table.hpp"

#include "engine/guard.hpp"
#include "engine/key_address.hpp"
#include "engine/key_view.hpp"

#include <span>

namespace pep::engine {

namespace {

std::string string_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// Run a statement whose parameters are texts.
template <class... Text>
Expected<void> run(sqlite::Database& db, std::string_view sql, const Text&... texts) {
    auto query = db.query(sql);
    (query.bind(std::string_view{texts}), ...);
    if (auto done = query.run(); !done)
        return fail(done);
    return {};
}

/// Key ids and fingerprints of the primary key and its bound subkeys.
std::vector<std::string> ids_of(rnp_key_handle_t primary) {
    std::vector<std::string> ids;
    const auto add = [&ids](rnp_key_handle_t key) {
        ids.push_back(rnp::fingerprint(key));
        ids.push_back(rnp::text([&](char** out) { return rnp_key_get_keyid(key, out); }));
    };
    add(primary);
    const auto count =
        rnp::value<std::size_t>([&](auto* out) { return rnp_key_get_subkey_count(primary, out); });
    for (std::size_t i = 0; i < count; ++i) {
        auto subkey =
            rnp::make<rnp::Key>([&](auto* out) { return rnp_key_get_subkey_at(primary, i, out); });
        if (!subkey)
            continue;
        // Revoked and expired subkeys are listed, for old messages still name them.
        const auto part = view_part(std::move(subkey));
        if (part.bound)
            add(part.handle.get());
    }
    return ids;
}

} // namespace

Expected<std::optional<StoredKey>> stored_key(sqlite::Database& db, std::string_view fpr) {
    // Copied out: the views SQLite gives are void once the statement is reset.
    auto row = db.query("SELECT public_key, secret_key FROM openpgp_key WHERE fpr = ?");
    row.bind(fpr);
    auto there = row.step();
    if (!there)
        return fail(there);
    if (!*there)
        return std::optional<StoredKey>{};
    StoredKey key;
    key.public_key = string_of(row.blob(0));
    key.secret_key = string_of(row.blob(1));
    return std::optional<StoredKey>{std::move(key)};
}

Expected<void> save_key(sqlite::Database& db, rnp_key_handle_t primary, const StoredKey& key) {
    // Key and index change together; within a caller's transaction this one joins it.
    auto transaction = sqlite::Transaction::begin(db);
    if (!transaction)
        return fail(transaction);
    const auto fpr = rnp::fingerprint(primary);
    {
        // Not INSERT OR REPLACE, which would give the row a new place in listings: they are ordered
        // by age.
        auto upsert =
            db.query("INSERT INTO openpgp_key (fpr, public_key, secret_key) VALUES (?, ?, ?) "
                     "ON CONFLICT (fpr) DO UPDATE SET public_key = excluded.public_key, "
                     "secret_key = excluded.secret_key");
        upsert.bind(fpr).bind_blob(bytes_of(key.public_key));
        // NULL, because whether there is a secret part is asked in SQL.
        if (key.secret_key.empty())
            upsert.bind(sqlite::Null{});
        else
            upsert.bind_blob(bytes_of(key.secret_key));
        if (auto done = upsert.run(); !done)
            return fail(done);
    }
    // The index is made anew: the certificate may have got other subkeys and user ids.
    auto done = run(db, "DELETE FROM openpgp_key_id WHERE fpr = ?", fpr);
    if (done)
        done = run(db, "DELETE FROM openpgp_user_id WHERE fpr = ?", fpr);
    for (const auto& id : ids_of(primary))
        if (done)
            done =
                run(db, "INSERT OR IGNORE INTO openpgp_key_id (key_id, fpr) VALUES (?, ?)", id, fpr
                );
    // OR IGNORE: several user ids may state the same address.
    for (const auto& user_id : signed_user_ids(primary))
        if (done)
            done =
                run(db,
                    "INSERT OR IGNORE INTO openpgp_user_id (address, fpr) VALUES (?, ?)",
                    parse_user_id(user_id).address,
                    fpr);
    if (!done)
        return done;
    return transaction->commit();
}

Expected<std::vector<std::string>> certificates_with_id(sqlite::Database& db, std::string_view id) {
    // Key ids can be made to collide, hence more than one certificate, and the user's own first.
    auto row = db.query("SELECT k.fpr FROM openpgp_key_id i JOIN openpgp_key k ON k.fpr = i.fpr "
                        "WHERE i.key_id = ? ORDER BY k.secret_key IS NULL, k.rowid");
    // In upper case, as librnp and the index have it.
    row.bind(id);
    std::vector<std::string> found;
    auto more = row.step();
    for (; more && *more; more = row.step())
        found.push_back(row.text(0));
    if (!more)
        return fail(more);
    return found;
}

} // namespace pep::engine
