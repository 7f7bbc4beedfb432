// SQL of notes beside identities and trust: replaced keys, sticky keys, keys put aside, counters.
#include "engine/guard.hpp"
#include "engine/identity_store.hpp"

#include <cstdint>
#include <limits>

namespace pep::engine {

namespace {

/// The first row of a query for the other fingerprint and the date.
Expected<std::optional<IdentityStore::Replacement>> replacement_row(sqlite::Query query) {
    auto found = query.step();
    if (!found)
        return fail(found);
    if (!*found)
        return std::nullopt;
    return IdentityStore::Replacement{query.text(0), query.integer(1)};
}

} // namespace

Expected<std::optional<IdentityStore::Replacement>>
IdentityStore::replacement_of(std::string_view revoked) {
    // A key that identities shared has a successor for each of them; callers ask for one only.
    auto query = db_->query("SELECT replacement_fpr, revocation_date FROM revoked_key"
                            " WHERE revoked_fpr = ?1 ORDER BY revocation_date DESC LIMIT 1");
    query.bind(revoked);
    return replacement_row(std::move(query));
}

Expected<std::optional<IdentityStore::Replacement>>
IdentityStore::replaced_by(std::string_view replacement) {
    auto query = db_->query("SELECT revoked_fpr, revocation_date FROM revoked_key"
                            " WHERE replacement_fpr = ?1 ORDER BY revocation_date DESC LIMIT 1");
    query.bind(replacement);
    return replacement_row(std::move(query));
}

Expected<std::optional<bool>>
IdentityStore::sticky(std::string_view user_id, std::string_view fpr) {
    // No row and no mark are different answers.
    auto query = db_->query("SELECT sticky FROM trust WHERE user_id = ?1 AND fpr = ?2");
    query.bind(user_id).bind(fpr);
    auto found = query.step();
    if (!found)
        return fail(found);
    if (!*found)
        return std::nullopt;
    return query.integer(0) != 0;
}

Expected<void>
IdentityStore::put_sticky(std::string_view user_id, std::string_view fpr, bool sticky) {
    auto stored = this->sticky(user_id, fpr);
    if (!stored)
        return fail(stored);
    // The mark stands in a trust row: without one there is nothing to spare.
    if (!*stored || **stored == sticky)
        return {};
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // The value of the row stays: the mark says nothing about trust.
    auto query = db_->query("UPDATE trust SET sticky = ?3 WHERE user_id = ?1 AND fpr = ?2");
    query.bind(user_id).bind(fpr).bind(sticky);
    return write(std::move(query), PEP_CANNOT_SET_TRUST, "cannot mark the key");
}

Expected<bool> IdentityStore::is_blacklisted(std::string_view fpr) {
    // Only old clients fill this list; the engine 3.3 has none.
    auto query = db_->query("SELECT 1 FROM blacklisted_key WHERE fpr = ?1");
    query.bind(fpr);
    return exists(std::move(query));
}

Expected<std::vector<std::string>> IdentityStore::blacklist() {
    auto query = db_->query("SELECT fpr FROM blacklisted_key ORDER BY fpr");
    std::vector<std::string> fprs;
    for (;;) {
        auto more = query.step();
        if (!more)
            return fail(more);
        if (!*more)
            return fprs;
        fprs.push_back(query.text(0));
    }
}

Expected<void> IdentityStore::put_blacklisted(std::string_view fpr) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // Rarely called: a look before the write would not pay.
    auto query = db_->query("INSERT OR IGNORE INTO blacklisted_key (fpr) VALUES (?1)");
    query.bind(fpr);
    return write(std::move(query), PEP_UNKNOWN_ERROR, "cannot put the key aside");
}

Expected<void> IdentityStore::delete_blacklisted(std::string_view fpr) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // A key that is not in the list is no failure.
    auto query = db_->query("DELETE FROM blacklisted_key WHERE fpr = ?1");
    query.bind(fpr);
    return write(std::move(query), PEP_UNKNOWN_ERROR, "cannot take the key back");
}

Expected<std::int32_t> IdentityStore::next_in_sequence(std::string_view name) {
    // No look beforehand: each call changes the counter.
    constexpr auto last = std::numeric_limits<std::int32_t>::max();
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<std::int32_t>{fail(PEP_CANNOT_INCREASE_SEQUENCE, "read only")}
                  : fail(go);
    // The bound is tested before anything changes, so that the counter never wraps.
    auto query = db_->query("INSERT INTO sequence (name, value) VALUES (?1, 1) ON CONFLICT DO"
                            " UPDATE SET value = value + 1 WHERE value < ?2 - 1 RETURNING value");
    query.bind(name).bind(last);
    // With RETURNING, SQLite has written everything when it gives the first row.
    auto row = query.step();
    if (!row)
        return fail(row);
    // Held back by the WHERE above.
    if (!*row)
        return fail(PEP_CANNOT_INCREASE_SEQUENCE, "the counter is at its end");
    return static_cast<std::int32_t>(query.integer(0));
}

Expected<void> IdentityStore::delete_identities_ending(std::string_view suffix) {
    if (auto go = before_change(); !go || !*go)
        return go ? Expected<void>{} : fail(go);
    // LIKE would take `%` and `_` in the suffix for wildcards. The persons stay, with their trust.
    auto query = db_->query("DELETE FROM identity WHERE length(address) > length(?1)"
                            " AND lower(substr(address, -length(?1))) = lower(?1)");
    query.bind(suffix);
    return write(std::move(query), PEP_UNKNOWN_DB_ERROR, "cannot remove identities");
}

} // namespace pep::engine
