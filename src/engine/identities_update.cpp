// update_identity: who is meant by an address, and which key to use for them (engine
// reference 3.5.1, 4.1).
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

#include <algorithm>
#include <functional>

namespace pep::engine {

namespace {

struct Elected {
    std::string fpr; ///< "" = no usable key
    PEP_comm_type ct = PEP_ct_key_not_found;
    bool merely_expired = false; ///< the identity's default would be fine, were it extended
    bool rejected = false;       ///< the user mistrusts the identity's default, or put it aside
};

/// Own identities, by flag, user id or alias, are myself()'s business.
Expected<void> refuse_own(IdentityStore& store, const Identity& identity) {
    auto own = store.own_user_id();
    if (!own)
        return fail(own);
    auto main_id = store.alias_default(identity.user_id);
    if (!main_id)
        return fail(main_id);
    // Before there is any own identity the own id is empty, and must match nobody.
    const bool own_id = !own->empty() && (identity.user_id == *own || *main_id == *own);
    if (identity.me || own_id)
        return fail(PEP_ILLEGAL_VALUE, "update_identity is for communication partners");
    return {};
}

/// The row that is meant, if any. A person known by address only becomes the real one on the way.
Expected<std::optional<IdentityRow>> find_row(IdentityStore& store, const Identity& identity) {
    if (!identity.user_id.empty()) {
        auto row = store.identity(identity.address, identity.user_id);
        if (!row || *row)
            return row;
    }
    auto rows = store.by_address(identity.address);
    if (!rows)
        return fail(rows);
    // Somebody with a user id of his own who shares an address with the user is a partner all the
    // same.
    std::erase_if(*rows, [](const IdentityRow& row) { return row.own; });
    const auto is_tofu = [](const IdentityRow& row) { return is_tofu_id(row.user_id); };
    if (identity.user_id.empty() || is_tofu_id(identity.user_id)) {
        // Real ids first, and each kind in the order by_address() gives.
        std::stable_partition(rows->begin(), rows->end(), std::not_fn(is_tofu));
        return rows->empty() ? std::nullopt : std::optional{rows->front()};
    }
    // Two different real ids with one address are two people; a made-up id gives way to a real one.
    const auto tofu = std::find_if(rows->begin(), rows->end(), is_tofu);
    if (tofu == rows->end())
        return std::nullopt;
    if (auto done = replace_user_id(store, tofu->user_id, identity.user_id); !done)
        return fail(done);
    return store.identity(identity.address, identity.user_id);
}

/// Somebody new gets a row without key. The key ring is not searched for one, since anybody can
/// have a key with his address put there.
Expected<void> add_partner(IdentityStore& store, Identity& identity) {
    if (identity.user_id.empty())
        identity.user_id = tofu_id(identity.address);
    if (identity.username.empty())
        identity.username = identity.address;
    auto person = store.person(identity.user_id);
    if (!person)
        return fail(person);
    // The person may be known by another address.
    const bool pep_user = *person && (*person)->is_pep_user;
    identity.ct = PEP_ct_unknown;
    identity.flags = 0;
    identity.enc_format = PEP_enc_none;
    identity.major = pep_user ? least_pep_major : 0;
    identity.minor = pep_user ? least_pep_minor : 0;
    if (auto done = store_rule(store, identity); !done)
        return done;
    identity.ct = PEP_ct_key_not_found;
    return {};
}

/// The identity's default key, else its user's, else none. Validating them stores what was learnt.
Expected<Elected> elect_key(const Scope& scope, const IdentityRow& row, const PersonRow& person) {
    Elected elected;
    if (!row.fpr.empty()) {
        auto valid = validate_key(scope, {.user_id = row.user_id, .fpr = row.fpr});
        if (!valid)
            return fail(valid);
        auto aside = scope.store->is_blacklisted(row.fpr);
        if (!aside)
            return fail(aside);
        if (valid->usable() && !*aside)
            return Elected{row.fpr, valid->ct};
        elected.merely_expired = is_expired(valid->ct);
        elected.rejected = *aside || is_distrusted(valid->ct);
        // A mail to a partner whose key was rejected is not just mail to one without key.
        if (is_distrusted(valid->ct))
            elected.ct = valid->ct;
    }
    if (!person.fpr.empty() && person.fpr != row.fpr) {
        auto valid = validate_key(scope, {.user_id = row.user_id, .fpr = person.fpr});
        if (!valid)
            return fail(valid);
        auto aside = scope.store->is_blacklisted(person.fpr);
        if (!aside)
            return fail(aside);
        if (valid->usable() && !*aside)
            return Elected{person.fpr, valid->ct};
    }
    return elected;
}

/// The name to show: what the caller says, unless that is only the address and we know better.
std::string chosen_name(const std::string& given, const IdentityRow& row) {
    if (!given.empty() && !(iequals(given, row.address) && !row.name().empty()))
        return given;
    return row.name().empty() ? row.address : row.name();
}

/// Store what the look-up found out: name and language of the person, default key and its trust.
Expected<void>
store_found(const Scope& scope, IdentityRow row, const Identity& found, const Elected& elected) {
    IdentityStore& store = *scope.store;
    auto person = store.person(row.user_id); // again, as a withdrawn key is no longer its default
    if (!person)
        return fail(person);
    PersonRow changed = **person;
    // The name an identity has of its own says nothing new about the person.
    if (found.username != row.name())
        changed.username = found.username;
    changed.lang = found.lang;
    if (changed.fpr.empty())
        changed.fpr = elected.fpr;
    if (auto done = store.put_person(changed); !done)
        return done;

    // An expired key of a p≡p user stays, for it will be extended and announced; a rejected one,
    // for only the user takes that back: no key that comes by mail may fill its place.
    const bool keep = elected.rejected || (elected.merely_expired && row.is_pep_user);
    if (!elected.fpr.empty() || !keep)
        row.fpr = elected.fpr;
    if (row.username.empty())
        row.username = found.username;
    if (auto done = store.put_identity(row); !done)
        return done;
    if (elected.fpr.empty())
        return {};
    return store.put_trust(row.user_id, elected.fpr, elected.ct);
}

Expected<void> fill_from(const Scope& scope, const IdentityRow& row, Identity& identity) {
    auto person = scope.store->person(row.user_id);
    if (!person)
        return fail(person);
    auto elected = elect_key(scope, row, **person);
    if (!elected)
        return fail(elected);
    if (row.is_pep_user)
        elected->ct = pep_level(elected->ct);

    // Flags, version and format are the stored ones, whatever the caller filled in.
    Identity found = identity_of(row, elected->ct);
    found.address = identity.address; // in the caller's spelling
    found.fpr = elected->fpr;
    found.username = chosen_name(identity.username, row);
    if (!identity.lang.empty())
        found.lang = identity.lang;
    if (row.is_pep_user && found.major == 0) {
        found.major = least_pep_major;
        found.minor = least_pep_minor;
    }
    if (auto done = store_found(scope, row, found, *elected); !done)
        return done;
    identity = std::move(found);
    return {};
}

/// An own address without user id: show the own identity, and change nothing.
Expected<void> show_own(const Scope& scope, Identity& identity) {
    // Read-only even within a transaction: no key is made, renewed or stored for a mere look.
    Scope look = scope;
    IdentityStore reader = scope.store->reader();
    look.store = &reader;
    identity.user_id.clear();
    auto status = own_rule(look, identity, Generate::no, Renew::no);
    if (!status)
        return fail(status);
    // Own identities without usable key are no failure here, the key is just not shown.
    if (*status != PEP_STATUS_OK && *status != PEP_GET_KEY_FAILED)
        return fail(*status, "the own identity cannot be read");
    if (identity.fpr.empty())
        identity.ct = PEP_ct_key_not_found;
    return {};
}

} // namespace

Expected<void> update_rule(const Scope& scope, Identity& identity) {
    identity.fpr.clear();
    if (auto partner = refuse_own(*scope.store, identity); !partner)
        return partner;
    // A made-up id says no more than none.
    if (identity.user_id.empty() || is_tofu_id(identity.user_id)) {
        auto own = scope.store->is_own_address(identity.address);
        if (!own)
            return fail(own);
        if (*own)
            return show_own(scope, identity);
    }
    auto row = find_row(*scope.store, identity);
    if (!row)
        return fail(row);
    if (!*row)
        return add_partner(*scope.store, identity);
    return fill_from(scope, **row, identity);
}

Expected<void> update_identity(pEp_session_& session, pEp_identity& identity) {
    auto updated = run_rule(session, [&](const Scope& scope) -> Expected<Identity> {
        // Each run starts from what the caller gave.
        Identity value = value_of(identity);
        if (auto done = update_rule(scope, value); !done)
            return fail(done);
        return value;
    });
    if (!updated)
        return fail(updated);
    // The result alone: media keys are a setting of this session, and nothing of them is stored.
    session.media_keys.amend(*updated);
    return assign(identity, *updated);
}

} // namespace pep::engine
