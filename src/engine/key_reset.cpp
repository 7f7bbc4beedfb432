// Which keys a reset is about, and what becomes of a partner's. Own keys: key_reset_own.cpp.
#include "engine/key_reset.hpp"

#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"
#include "engine/key_reset_own.hpp"

namespace pep::engine {

namespace {

/// Only what this one partner has to do with a key that is also the user's.
Expected<void>
drop_users_default(IdentityStore& store, const std::string& user_id, const std::string& fpr) {
    auto rows = store.by_user(user_id);
    if (!rows)
        return fail(rows);
    for (auto& row : *rows) {
        if (row.fpr != fpr)
            continue;
        row.fpr.clear();
        if (auto done = store.put_identity(row); !done)
            return done;
    }
    auto person = store.person(user_id);
    if (!person)
        return fail(person);
    if (!*person || (*person)->fpr != fpr)
        return {};
    // The others who use the key are left alone.
    (*person)->fpr.clear();
    return store.put_person(**person);
}

/// Is it the user, under his id or an alias of it?
Expected<bool> is_own_user(pEp_session_& session, const std::string& user_id) {
    return look_up(session, [&](const Scope& scope) -> Expected<bool> {
        auto own = scope.store->own_user_id();
        if (!own)
            return fail(own);
        if (own->empty())
            return false;
        auto alias_of = scope.store->alias_default(user_id);
        if (!alias_of)
            return fail(alias_of);
        return user_id == *own || *alias_of == *own;
    });
}

/// Forget a partner's key, in a transaction of its own. KEY_NOT_FOUND comes after it: the tables
/// are cleaned up also when the ring does not have the key.
Expected<void> forget(pEp_session_& session, const std::string& user_id, const std::string& fpr) {
    auto status = run_rule(session, [&](const Scope& scope) {
        return forget_partner_key(scope, user_id, fpr);
    });
    if (!status)
        return fail(status);
    if (*status != PEP_STATUS_OK)
        return fail(*status, "the key is not in the key ring");
    return {};
}

/// One key of one user.
Expected<void>
reset_one(pEp_session_& session, const std::string& user_id, const std::string& fpr) {
    auto own = is_own_user(session, user_id);
    if (!own)
        return fail(own);
    if (*own) {
        auto context = session.context();
        if (!context)
            return fail(context);
        auto secret = (*context)->keys.has_secret(fpr);
        if (!secret)
            return fail(secret);
        // Without secret part it cannot be used as own key, and is forgotten like a partner's.
        if (*secret)
            return reset_own_keys(session, {fpr}, Unused::is_an_error);
    }
    return forget(session, user_id, fpr);
}

/// The keys the user has a trust row for. What is in the ring says nothing about whose it is.
Expected<std::vector<std::string>> keys_of_user(pEp_session_& session, const std::string& user_id) {
    auto rows =
        look_up(session, [&](const Scope& scope) { return scope.store->trusts_of_user(user_id); });
    if (!rows)
        return fail(rows);
    std::vector<std::string> fprs;
    for (const auto& row : *rows)
        fprs.push_back(row.fpr);
    return fprs;
}

struct InUse {
    std::string fpr;      ///< "" when there is none
    bool signing = false; ///< the signing identity, whose key stays
};

/// The identity's default key, else its user's. It is not validated, because a reset is the way out
/// of an unusable key.
Expected<InUse> key_in_use(pEp_session_& session, const pEp_identity& identity) {
    return look_up(session, [&](const Scope& scope) -> Expected<InUse> {
        InUse found;
        auto row = scope.store->identity(identity.address, identity.user_id);
        if (!row)
            return fail(row);
        if (*row) {
            found.fpr = (*row)->fpr;
            found.signing = ((*row)->flags & PEP_idf_signing) != 0;
        }
        if (!found.fpr.empty())
            return found;
        auto person = scope.store->person(identity.user_id);
        if (!person)
            return fail(person);
        if (*person)
            found.fpr = (*person)->fpr;
        return found;
    });
}

} // namespace

Expected<PEP_STATUS>
forget_partner_key(const Scope& scope, const std::string& user_id, const std::string& fpr) {
    // If the key ever comes back, it is judged anew: its rejection goes as well.
    IdentityStore& store = *scope.store;
    if (auto done = store.delete_mistrusted_key(fpr); !done)
        return fail(done);
    if (auto done = store.delete_trust(user_id, fpr); !done)
        return fail(done);
    auto present = scope.keys->contains(fpr);
    if (!present)
        return fail(present);
    if (*present) {
        auto secret = scope.keys->has_secret(fpr);
        if (!secret)
            return fail(secret);
        // What decrypts the user's own mail is never thrown away for a partner's sake.
        if (*secret) {
            if (auto done = drop_users_default(store, user_id, fpr); !done)
                return fail(done);
            return PEP_STATUS_OK;
        }
        // The ring writes to the same database, but cannot tell that a transaction is needed first.
        auto go = store.before_change();
        if (!go)
            return fail(go);
        if (*go)
            if (auto removed = scope.keys->remove(fpr); !removed)
                return fail(removed);
    }
    // For everybody: without the key nobody can use it any more.
    if (auto done = store.remove_default(fpr); !done)
        return fail(done);
    if (auto done = store.delete_key(fpr); !done)
        return fail(done);
    // A status, no error, which would take all of this back.
    return *present ? PEP_STATUS_OK : PEP_KEY_NOT_FOUND;
}

Expected<void>
reset_key_of_identity(pEp_session_& session, const pEp_identity& identity, const std::string& fpr) {
    auto in_use = key_in_use(session, identity);
    if (!in_use)
        return fail(in_use);
    // What was signed with its key must stay verifiable.
    if (in_use->signing)
        return {};
    // What is no fingerprint becomes "", which is not the same as a key that was not named.
    const std::string key = fpr.empty() ? in_use->fpr : normalised_fpr(fpr);
    if (key.empty()) {
        // Nothing in use, nothing to reset, as in the engine 3.3.
        if (fpr.empty())
            return {};
        return fail(PEP_ILLEGAL_VALUE, "a fingerprint consists of hex digits");
    }
    return reset_one(session, identity.user_id, key);
}

Expected<void>
reset_key_of_user(pEp_session_& session, const std::string& user_id, const std::string& fpr) {
    if (!fpr.empty()) {
        const std::string key = normalised_fpr(fpr);
        if (key.empty())
            return fail(PEP_ILLEGAL_VALUE, "a fingerprint consists of hex digits");
        return reset_one(session, user_id, key);
    }
    auto own = is_own_user(session, user_id);
    if (!own)
        return fail(own);
    // Nobody shall replace all own keys by mistake; reset_all_own_keys() is there for that.
    if (*own)
        return fail(PEP_ILLEGAL_VALUE, "name the own key to reset");
    // By trust rows, so that keys that merely bear his address stay.
    auto keys = keys_of_user(session, user_id);
    if (!keys)
        return fail(keys);
    if (keys->empty())
        return fail(PEP_KEY_NOT_FOUND, "the user has no keys");
    // Each in a transaction of its own, up to the first failure.
    for (const std::string& key : *keys)
        if (auto done = forget(session, user_id, key); !done)
            return done;
    return {};
}

Expected<void> reset_all_own_keys(pEp_session_& session) {
    // CANNOT_FIND_IDENTITY without own identities: no partner's key is ever touched by this.
    auto own = own_user_id(session);
    if (!own)
        return fail(own);
    auto keys = keys_of_user(session, *own);
    if (!keys)
        return fail(keys);
    // Trust rows also name keys of the past, and public ones: what no own identity uses is passed
    // over.
    return reset_own_keys(session, *keys, Unused::is_skipped);
}

Expected<void> reset_own_grouped_keys(pEp_session_& session) {
    auto keys = look_up(session, [](const Scope& scope) -> Expected<std::vector<std::string>> {
        auto rows = scope.store->own_identities();
        if (!rows)
            return fail(rows);
        std::vector<std::string> fprs;
        for (const auto& row : *rows) {
            if ((row.flags & PEP_idf_devicegroup) == 0 || row.fpr.empty())
                continue;
            // The user imported this key as his own, and said that it is to stay.
            auto sticky = scope.store->sticky(row.user_id, row.fpr);
            if (!sticky)
                return fail(sticky);
            if (!sticky->value_or(false))
                fprs.push_back(row.fpr);
        }
        return fprs;
    });
    if (!keys)
        return fail(keys);
    return reset_own_keys(session, *keys, Unused::is_skipped, Reach::grouped_identities);
}

} // namespace pep::engine
