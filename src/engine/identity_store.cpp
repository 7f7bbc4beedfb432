// SQL of identities and persons; trust and keys are in identity_store_trust.cpp.
#include "engine/identity_store.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace pep::engine {

namespace {

/// In the order in which identity_row() reads them.
constexpr std::string_view identity_columns =
    "SELECT i.address, i.user_id, i.main_key_id, i.username, p.username, p.lang, i.flags, i.is_own,"
    " i.version_major, i.version_minor, i.enc_format, p.is_pep_user"
    " FROM identity AS i JOIN person AS p ON p.id = i.user_id ";

/// Statements are cached by their text; these are put together once.
std::string select_identities(std::string_view rest) {
    return std::string{identity_columns} + std::string{rest};
}

/// The current row of a statement that begins with identity_columns.
IdentityRow identity_row(const sqlite::Query& query) {
    IdentityRow row;
    row.address = query.text(0);
    row.user_id = query.text(1);
    row.fpr = query.text(2);
    row.username = query.text(3);
    row.person_name = query.text(4);
    row.lang = query.text(5);
    row.flags = static_cast<unsigned>(query.integer(6));
    row.own = query.integer(7) != 0;
    row.major = static_cast<unsigned>(query.integer(8));
    row.minor = static_cast<unsigned>(query.integer(9));
    row.enc_format = static_cast<int>(query.integer(10));
    row.is_pep_user = query.integer(11) != 0;
    return row;
}

/// All rows at once, so that the statement is free for its next run when this returns.
Expected<std::vector<IdentityRow>> identity_rows(sqlite::Query query) {
    std::vector<IdentityRow> rows;
    for (;;) {
        auto more = query.step();
        if (!more)
            return fail(more);
        if (!*more)
            return rows;
        rows.push_back(identity_row(query));
    }
}

/// What put_identity() writes; the rest is the row's key, or belongs to its person.
auto stored_part(const IdentityRow& row) {
    return std::tie(
        row.fpr, row.username, row.flags, row.own, row.major, row.minor, row.enc_format
    );
}

auto stored_part(const PersonRow& row) {
    return std::tie(row.username, row.fpr, row.lang, row.is_pep_user);
}

} // namespace

std::string address_key(std::string_view address) {
    // The column address_key holds this very text: another rule would need a migration.
    std::string key = to_lower(address);
    const auto at = key.find('@');
    // In URIs a dot may mean anything.
    if (at == std::string::npos || key.find("://") != std::string::npos)
        return key;
    // Some providers ignore these dots, and people write them as they like.
    key.erase(
        std::remove(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(at), '.'),
        key.begin() + static_cast<std::ptrdiff_t>(at)
    );
    return key;
}

Expected<bool> IdentityStore::before_change() const {
    switch (access_) {
    case Access::read_only:
        return false;
    // The error travels up through the rule, and has in_transaction() start it over.
    case Access::until_change:
        return pep::fail(change_needed, "a transaction is needed");
    case Access::read_write:
        return true;
    }
    return false;
}

Expected<void> IdentityStore::write(sqlite::Query query, PEP_STATUS on_failure, const char* what) {
    // The C API has a status for each kind of row; the cause stands in the text, which quotes no
    // values.
    auto changed = query.run();
    if (!changed)
        return engine::fail(on_failure, std::string{what} + ": " + changed.error().message);
    return {};
}

Expected<bool> IdentityStore::exists(sqlite::Query query) { return query.step(); }

Expected<std::optional<IdentityRow>>
IdentityStore::identity(std::string_view address, std::string_view user_id) {
    static const std::string sql =
        select_identities("WHERE i.address_key = ?1 AND i.user_id = ?2 ORDER BY i.rowid DESC");
    auto query = db_->query(sql);
    // A temporary will do, since SQLite copies bound texts.
    query.bind(std::string_view{address_key(address)}).bind(user_id);
    auto rows = identity_rows(std::move(query));
    if (!rows)
        return fail(rows);
    if (rows->empty())
        return std::nullopt;
    const auto exact = std::ranges::find(*rows, address, &IdentityRow::address);
    return std::move(exact != rows->end() ? *exact : rows->front());
}

Expected<std::vector<IdentityRow>> IdentityStore::by_address(std::string_view address) {
    // Own rows first: who else uses an address of the user does not hide him.
    static const std::string sql = select_identities(
        "WHERE i.address_key = ?1 ORDER BY i.is_own DESC, i.address = ?2 DESC, i.rowid DESC"
    );
    auto query = db_->query(sql);
    query.bind(std::string_view{address_key(address)}).bind(address);
    return identity_rows(std::move(query));
}

Expected<std::vector<IdentityRow>> IdentityStore::by_user(std::string_view user_id) {
    static const std::string sql = select_identities("WHERE i.user_id = ?1 ORDER BY i.rowid DESC");
    auto query = db_->query(sql);
    query.bind(user_id);
    auto rows = identity_rows(std::move(query));
    // Own rows first; the newest of each kind stay in front.
    if (rows)
        std::ranges::stable_sort(*rows, std::greater{}, &IdentityRow::own);
    return rows;
}

Expected<std::vector<IdentityRow>> IdentityStore::own_identities() {
    // The oldest first: the same order by which own_user_id() decides.
    static const std::string sql = select_identities("WHERE i.is_own = 1 ORDER BY i.rowid");
    return identity_rows(db_->query(sql));
}

Expected<bool> IdentityStore::is_own_address(std::string_view address) {
    // Without the person, as only yes or no is wanted.
    auto query = db_->query("SELECT 1 FROM identity WHERE address_key = ?1 AND is_own = 1 LIMIT 1");
    query.bind(std::string_view{address_key(address)});
    return query.step();
}

Expected<void> IdentityStore::put_identity(const IdentityRow& row) {
    // Found by the tolerant comparison, so there never is a second row for another spelling.
    auto stored = identity(row.address, row.user_id);
    if (!stored)
        return fail(stored);
    // Nothing new: then no write lock is taken, for which other processes would have to wait.
    if (*stored && stored_part(**stored) == stored_part(row))
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    auto query = *stored
                     ? db_->query("UPDATE identity SET main_key_id = ?1, username = ?2, flags = ?3,"
                                  " is_own = ?4, version_major = ?5, version_minor = ?6,"
                                  " enc_format = ?7 WHERE address = ?8 AND user_id = ?9")
                     : db_->query("INSERT INTO identity (main_key_id, username, flags, is_own,"
                                  " version_major, version_minor, enc_format, address, user_id,"
                                  " address_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    // As C strings, of which "" becomes NULL: no default key, no name of its own.
    query.bind(row.fpr.c_str()).bind(row.username.c_str()).bind(row.flags).bind(row.own);
    query.bind(row.major).bind(row.minor).bind(row.enc_format);
    // The stored spelling is what the row is found by.
    query.bind(*stored ? (*stored)->address : row.address).bind(row.user_id);
    if (!*stored)
        query.bind(std::string_view{address_key(row.address)});
    return write(std::move(query), PEP_CANNOT_SET_IDENTITY, "cannot store the identity");
}

Expected<void> IdentityStore::set_flags(const IdentityRow& row, unsigned flags) {
    // The row as it was read: all else in it must be what is stored.
    IdentityRow changed = row;
    changed.flags = flags;
    return put_identity(changed);
}

Expected<std::optional<PersonRow>> IdentityStore::person(std::string_view id) {
    auto query =
        db_->query("SELECT id, username, main_key_id, lang, is_pep_user FROM person WHERE id = ?1");
    query.bind(id);
    auto found = query.step();
    if (!found)
        return fail(found);
    if (!*found)
        return std::nullopt;
    return PersonRow{
        query.text(0), query.text(1), query.text(2), query.text(3), query.integer(4) != 0};
}

Expected<void> IdentityStore::put_person(const PersonRow& row) {
    auto stored = person(row.id);
    if (!stored)
        return fail(stored);
    if (*stored && stored_part(**stored) == stored_part(row))
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    auto query =
        *stored ? db_->query("UPDATE person SET username = ?1, main_key_id = ?2, lang = ?3,"
                             " is_pep_user = ?4 WHERE id = ?5")
                : db_->query("INSERT INTO person (username, main_key_id, lang, is_pep_user, id)"
                             " VALUES (?1, ?2, ?3, ?4, ?5)");
    // The name may be empty, but not NULL.
    query.bind(std::string_view{row.username}).bind(row.fpr.c_str()).bind(row.lang.c_str());
    query.bind(row.is_pep_user).bind(row.id);
    return write(std::move(query), PEP_CANNOT_SET_PERSON, "cannot store the user");
}

Expected<void> IdentityStore::delete_person(std::string_view id) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // Its identities, trust, aliases and contacts go with it, by cascade.
    auto query = db_->query("DELETE FROM person WHERE id = ?1");
    query.bind(id);
    return write(std::move(query), PEP_CANNOT_SET_PERSON, "cannot remove the user");
}

Expected<void> IdentityStore::rename_person(std::string_view old_id, std::string_view new_id) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    auto query =
        db_->query("UPDATE person SET id = ?2 WHERE id = ?1"); // references follow by cascade
    query.bind(old_id).bind(new_id);
    return write(std::move(query), PEP_CANNOT_SET_PERSON, "cannot rename the user");
}

Expected<void> IdentityStore::move_identity(const IdentityRow& row, std::string_view new_id) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // The row itself moves, so its key, flags and date of creation stay.
    auto query = db_->query("UPDATE identity SET user_id = ?3 WHERE address = ?1 AND user_id = ?2");
    query.bind(row.address).bind(row.user_id).bind(new_id);
    return write(std::move(query), PEP_CANNOT_SET_IDENTITY, "cannot move the identity");
}

Expected<void>
IdentityStore::move_contacts_and_aliases(std::string_view old_id, std::string_view new_id) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // Where the user wrote to both ids one row is enough; the other goes with the old person.
    for (std::string_view sql :
         {"UPDATE OR IGNORE social_graph SET contact_user_id = ?2 WHERE contact_user_id = ?1",
          "UPDATE alternate_user_id SET default_id = ?2 WHERE default_id = ?1"}) {
        auto query = db_->query(sql);
        query.bind(old_id).bind(new_id);
        if (auto done = write(std::move(query), PEP_CANNOT_SET_PERSON, "cannot merge users"); !done)
            return done;
    }
    return {};
}

Expected<std::string> IdentityStore::own_user_id() {
    // All own identities share one; should they not, the oldest decides.
    auto query = db_->query("SELECT user_id FROM identity WHERE is_own = 1 ORDER BY rowid LIMIT 1");
    auto found = query.step();
    if (!found)
        return fail(found);
    return *found ? query.text(0) : std::string{};
}

Expected<std::string> IdentityStore::alias_default(std::string_view alias) {
    // One step: a default id that is an alias itself is not provided for.
    auto query = db_->query("SELECT default_id FROM alternate_user_id WHERE alternate_id = ?1");
    query.bind(alias);
    auto found = query.step();
    if (!found)
        return fail(found);
    return *found ? query.text(0) : std::string{};
}

Expected<void> IdentityStore::put_alias(std::string_view default_id, std::string_view alias) {
    auto stored = alias_default(alias);
    if (!stored)
        return fail(stored);
    // As each time but the first that an alias is used.
    if (*stored == default_id)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // An alias stands for one user at a time.
    auto query = db_->query("INSERT OR REPLACE INTO alternate_user_id (default_id, alternate_id)"
                            " VALUES (?1, ?2)");
    query.bind(default_id).bind(alias);
    return write(std::move(query), PEP_CANNOT_SET_ALIAS, "cannot store the alias");
}

} // namespace pep::engine
