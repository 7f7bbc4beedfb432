// Two user ids turn out to be one person (engine reference 8.4).
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Trust in one key known under both ids: bad news wins, else the better value with either's
/// confirmation.
PEP_comm_type united_trust(PEP_comm_type target, PEP_comm_type other) {
    for (const auto bad :
         {PEP_ct_mistrusted, PEP_ct_key_revoked, PEP_ct_compromised, PEP_ct_key_b0rken}) {
        if (target == bad || other == bad)
            return bad;
    }
    // Unknown is no opinion, so the other one counts.
    if (target == PEP_ct_unknown || other == PEP_ct_unknown)
        return std::max(target, other);
    // The confirmed bit is the highest one: if it were not masked, a weak key that was confirmed
    // would beat a strong one.
    const auto best = is_strong(target) == is_strong(other)
                          ? std::max(target & ~PEP_ct_confirmed, other & ~PEP_ct_confirmed)
                          : (is_strong(target) ? target : other) & ~PEP_ct_confirmed;
    return static_cast<PEP_comm_type>(best | ((target | other) & PEP_ct_confirmed));
}

/// Trust of `from` becomes that of `to`. The old rows stay, and go with their person.
Expected<void> unite_trust(IdentityStore& store, const std::string& from, const PersonRow& to) {
    auto rows = store.trusts_of_user(from);
    if (!rows)
        return fail(rows);
    for (const auto& row : *rows) {
        auto known = store.trust(to.id, row.fpr);
        if (!known)
            return fail(known);
        PEP_comm_type ct = *known ? united_trust(**known, row.ct) : row.ct;
        // Of the two together, not of the one the row belonged to.
        if (to.is_pep_user)
            ct = pep_level(ct);
        if (auto done = store.put_trust(to.id, row.fpr, ct); !done)
            return done;
    }
    return {};
}

/// Of two default keys the confirmed one, else the better trusted. Trust is united already.
Expected<std::string>
better_default(IdentityStore& store, const IdentityRow& target, const IdentityRow& other) {
    if (target.fpr.empty() || other.fpr.empty())
        return target.fpr.empty() ? other.fpr : target.fpr;
    auto own = store.trust(target.user_id, target.fpr);
    auto theirs = store.trust(target.user_id, other.fpr);
    if (!own)
        return fail(own);
    if (!theirs)
        return fail(theirs);
    const auto own_ct = own->value_or(PEP_ct_unknown);
    const auto their_ct = theirs->value_or(PEP_ct_unknown);
    return is_confirmed(own_ct) || own_ct >= their_ct ? target.fpr : other.fpr;
}

/// An address known under both ids becomes one identity, which keeps version and format of the
/// target; any other moves as it is.
Expected<void>
unite_identity(IdentityStore& store, const IdentityRow& other, const std::string& new_id) {
    auto target = store.identity(other.address, new_id);
    if (!target)
        return fail(target);
    if (!*target)
        return store.move_identity(other, new_id);
    IdentityRow united = **target;
    if (united.username.empty() || iequals(united.username, united.address))
        united.username = other.username;
    auto fpr = better_default(store, united, other);
    if (!fpr)
        return fail(fpr);
    united.fpr = *fpr;
    united.flags |= other.flags;
    return store.put_identity(united);
}

/// Both are stored. Whatever has not been moved when the old person is deleted goes with it, by
/// cascade.
Expected<void> merge_users(IdentityStore& store, const PersonRow& other, PersonRow target) {
    target.is_pep_user = target.is_pep_user || other.is_pep_user;
    if (target.lang.empty())
        target.lang = other.lang;
    if (target.fpr.empty())
        target.fpr = other.fpr;
    if (auto done = store.put_person(target); !done)
        return done;
    if (auto done = unite_trust(store, other.id, target); !done)
        return done;
    auto identities = store.by_user(other.id);
    if (!identities)
        return fail(identities);
    for (const auto& identity : *identities) {
        if (auto done = unite_identity(store, identity, target.id); !done)
            return done;
    }
    // Behind the identities, whose versions it raises.
    if (target.is_pep_user) {
        if (auto done = pep_user_rule(store, target.id); !done)
            return done;
    }
    if (auto done = store.move_contacts_and_aliases(other.id, target.id); !done)
        return done;
    return store.delete_person(other.id);
}

} // namespace

Expected<void>
replace_user_id(IdentityStore& store, const std::string& old_id, const std::string& new_id) {
    if (old_id == new_id)
        return {};
    auto other = store.person(old_id);
    auto target = store.person(new_id);
    if (!other)
        return fail(other);
    if (!target)
        return fail(target);
    if (!*other)
        return fail(PEP_CANNOT_FIND_PERSON, "there is no such user");
    // The new id is free: foreign keys carry all rows along.
    if (!*target)
        return store.rename_person(old_id, new_id);
    return merge_users(store, **other, **target);
}

} // namespace pep::engine
