// Typed queries on identities, persons, trust and what belongs to them. What is written with every
// message is compared first, and touches the database only when something differs; rare changes ask
// for a transaction at once. Rules about who may have which key are elsewhere.
#pragma once

#include "base/expected.hpp"
#include "engine/backend/sqlite.hpp"
#include "pEp/pEpEngine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pep::engine {

/// What a store does when something would have to be written.
enum class Access {
    read_only,    ///< nothing; the caller goes on as if it had been written
    until_change, ///< fails with `change_needed`: look without a lock whether there is anything to
                  ///< do
    read_write,   ///< writes; the caller holds a transaction
};

/// Code of the error that ends an `until_change` run. Never leaves in_transaction().
inline constexpr int change_needed = 0x7fff0001;

struct PersonRow {
    std::string id;
    std::string username;
    std::string fpr; ///< user default key, "" = none
    std::string lang;
    bool is_pep_user = false;
};

/// A row of `identity` with what it takes from its person.
struct IdentityRow {
    std::string address;
    std::string user_id;
    std::string fpr;         ///< identity default key, "" = none
    std::string username;    ///< of the identity, "" = none of its own
    std::string person_name; ///< read only
    std::string lang;        ///< of the person; read only
    unsigned flags = 0;
    bool own = false;
    unsigned major = 0;
    unsigned minor = 0;
    int enc_format = PEP_enc_none;
    bool is_pep_user = false; ///< of the person; read only

    /// The name to show: the identity's own, else the person's.
    [[nodiscard]] const std::string& name() const {
        return username.empty() ? person_name : username;
    }
};

/// What tolerant comparison of addresses compares: ASCII letters in lower case, no dots before the
/// `@`. Dots of the domain matter, because another domain belongs to somebody else.
[[nodiscard]] std::string address_key(std::string_view address);

/// One call's view of the tables; cheap to make. Belongs to the thread of its database.
class IdentityStore {
  public:
    IdentityStore(sqlite::Database& db, Access access) : db_(&db), access_(access) {}

    /// The same tables, without writing.
    [[nodiscard]] IdentityStore reader() const { return {*db_, Access::read_only}; }

    /// False where every change is left out: then nothing has to be compared either.
    [[nodiscard]] bool may_change() const { return access_ != Access::read_only; }

    /// Before a change made outside the tables (a new key): false when it must not happen.
    [[nodiscard]] Expected<bool> before_change() const;

    // Identities. Addresses compare tolerantly: own ones first, then exact matches, then the
    // newest. identity() gives the exact match, or the newest.
    [[nodiscard]] Expected<std::optional<IdentityRow>>
    identity(std::string_view address, std::string_view user_id);
    [[nodiscard]] Expected<std::vector<IdentityRow>> by_address(std::string_view address);
    [[nodiscard]] Expected<std::vector<IdentityRow>> by_user(std::string_view user_id);
    [[nodiscard]] Expected<std::vector<IdentityRow>> own_identities();
    [[nodiscard]] Expected<bool> is_own_address(std::string_view address);

    /// Insert or update; a row found by another spelling of the address keeps its spelling. The
    /// person and the key must be there.
    [[nodiscard]] Expected<void> put_identity(const IdentityRow& row);
    [[nodiscard]] Expected<void> set_flags(const IdentityRow& row, unsigned flags);

    /// Remove all identities whose address ends so (ASCII case ignored).
    [[nodiscard]] Expected<void> delete_identities_ending(std::string_view suffix);

    // Persons.
    [[nodiscard]] Expected<std::optional<PersonRow>> person(std::string_view id);
    [[nodiscard]] Expected<void> put_person(const PersonRow& row);
    [[nodiscard]] Expected<void> delete_person(std::string_view id);

    /// Give a person and all rows about it another id, which must be free.
    [[nodiscard]] Expected<void> rename_person(std::string_view old_id, std::string_view new_id);
    /// Move an identity, or everything else known about a person, to another, existing person.
    [[nodiscard]] Expected<void> move_identity(const IdentityRow& row, std::string_view new_id);
    [[nodiscard]] Expected<void>
    move_contacts_and_aliases(std::string_view old_id, std::string_view new_id);

    /// User id of the user; "" when there is no own identity.
    [[nodiscard]] Expected<std::string> own_user_id();
    [[nodiscard]] Expected<std::string> alias_default(std::string_view alias); ///< "" = none
    [[nodiscard]] Expected<void> put_alias(std::string_view default_id, std::string_view alias);

    // Keys and trust.
    [[nodiscard]] Expected<void> put_key(std::string_view fpr);
    [[nodiscard]] Expected<std::optional<PEP_comm_type>>
    trust(std::string_view user_id, std::string_view fpr);
    [[nodiscard]] Expected<void>
    put_trust(std::string_view user_id, std::string_view fpr, PEP_comm_type ct);

    [[nodiscard]] Expected<void> delete_trust(std::string_view user_id, std::string_view fpr);

    /// Forget a key: all trust in it, and its use as anybody's default.
    [[nodiscard]] Expected<void> delete_key(std::string_view fpr);

    struct Trust {
        std::string user_id;
        std::string fpr;
        PEP_comm_type ct = PEP_ct_unknown;
    };

    [[nodiscard]] Expected<std::vector<Trust>> trusts_of_user(std::string_view user_id);
    [[nodiscard]] Expected<std::vector<Trust>> trusts_of_key(std::string_view fpr);

    /// Take a key away as default of all identities and persons.
    [[nodiscard]] Expected<void> remove_default(std::string_view fpr);

    [[nodiscard]] Expected<bool> is_mistrusted_key(std::string_view fpr);
    [[nodiscard]] Expected<void> put_mistrusted_key(std::string_view fpr);
    [[nodiscard]] Expected<void> delete_mistrusted_key(std::string_view fpr);

    /// Remember that `replacement` replaced the own key `revoked`.
    [[nodiscard]] Expected<void>
    put_revoked_key(std::string_view revoked, std::string_view replacement, std::int64_t when);

    /// A replaced own key: the other key, and when it happened.
    struct Replacement {
        std::string fpr;
        std::int64_t when = 0;
    };

    /// The latest key that replaced `revoked`; the latest one `replacement` replaced.
    [[nodiscard]] Expected<std::optional<Replacement>> replacement_of(std::string_view revoked);
    [[nodiscard]] Expected<std::optional<Replacement>> replaced_by(std::string_view replacement);

    /// The mark of an imported own key that a reset of the device group spares; nothing without
    /// trust row.
    [[nodiscard]] Expected<std::optional<bool>>
    sticky(std::string_view user_id, std::string_view fpr);
    [[nodiscard]] Expected<void>
    put_sticky(std::string_view user_id, std::string_view fpr, bool sticky);

    // Keys put aside by old clients.
    [[nodiscard]] Expected<bool> is_blacklisted(std::string_view fpr);
    [[nodiscard]] Expected<std::vector<std::string>> blacklist();
    [[nodiscard]] Expected<void> put_blacklisted(std::string_view fpr);
    [[nodiscard]] Expected<void> delete_blacklisted(std::string_view fpr);

    /// Increment a counter and return it, from 1; CANNOT_INCREASE_SEQUENCE at INT32_MAX.
    [[nodiscard]] Expected<std::int32_t> next_in_sequence(std::string_view name);

    /// Remember, to the day, that a contact was written to from an own address.
    [[nodiscard]] Expected<void> put_contact(
        std::string_view own_user_id, std::string_view own_address, std::string_view contact_user_id
    );

  private:
    [[nodiscard]] Expected<bool> exists(sqlite::Query query);
    [[nodiscard]] Expected<void>
    write(sqlite::Query query, PEP_STATUS on_failure, const char* what);

    sqlite::Database* db_;
    Access access_;
};

/// Run `work(IdentityStore&) -> Expected<T>` once without any lock; only when it turns out to need
/// a change, run it again inside one transaction, committed if it returns a value. Within an outer
/// transaction it runs once and joins. `work` must not keep state between its runs.
template <class Work>
auto in_transaction(sqlite::Database& db, Work&& work)
    -> std::invoke_result_t<Work, IdentityStore&> {
    using Result = std::invoke_result_t<Work, IdentityStore&>;
    if (!db.in_transaction()) {
        const sqlite::Snapshot reads{db};
        IdentityStore look{db, Access::until_change};
        const auto failures = db.failures();
        Result result = work(look);
        // Whether there is nothing to do cannot be said where a read failed, minded or not.
        if (result ? db.failures() == failures : result.error().code != change_needed)
            return result;
    }
    auto transaction = sqlite::Transaction::begin(db);
    if (!transaction)
        return Result{tl::unexpect, std::move(transaction.error())};
    IdentityStore store{db, Access::read_write};
    Result result = work(store);
    if (result) {
        if (auto done = transaction->commit(); !done)
            return Result{tl::unexpect, std::move(done.error())};
    }
    return result;
}

} // namespace pep::engine
