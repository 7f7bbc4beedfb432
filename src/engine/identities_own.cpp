// myself: an own identity has an own user id and a usable key (engine reference 3.5.2).
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

#include <ctime>

namespace pep::engine {

namespace {

/// There is one own user id; any other one given becomes an alias of it.
Expected<void> settle_user_id(IdentityStore& store, Identity& identity) {
    if (identity.user_id.empty())
        identity.user_id = PEP_OWN_USERID;
    auto own = store.own_user_id();
    if (!own)
        return fail(own);
    if (own->empty() || *own == identity.user_id)
        return {};
    auto done = store.put_alias(*own, identity.user_id);
    identity.user_id = *own;
    return done;
}

/// The key in use, or why there is none.
struct OwnKey {
    PEP_STATUS status = PEP_STATUS_OK;
    std::string fpr;     ///< "" unless OK
    std::string revoked; ///< own key that was found revoked
};

/// The identity's default key, renewed when that is due. A locked key that is to be renewed is an
/// error, so that nothing is stored before the user was asked.
Expected<OwnKey> stored_key(const Scope& scope, const IdentityRow& row, Renew renew) {
    auto valid = validate_key(
        scope,
        {.user_id = row.user_id,
         .fpr = row.fpr,
         .holder = Holder::user,
         .need_secret = NeedSecret::yes,
         .renew = renew}
    );
    if (!valid)
        return fail(valid);
    if (valid->status == PEP_PASSPHRASE_REQUIRED || valid->status == PEP_WRONG_PASSPHRASE)
        return fail(valid->status, "an own key is to be renewed and locked");
    // A partner's weak key is used, with a bad rating; an own one is replaced.
    if (valid->usable() && is_strong(valid->ct))
        return OwnKey{PEP_STATUS_OK, row.fpr, {}};
    OwnKey none{PEP_GET_KEY_FAILED, {}, {}};
    // A key that is gone cannot be asked, and needs no link to its successor.
    auto revoked = scope.keys->revoked(row.fpr);
    if (revoked && *revoked)
        none.revoked = row.fpr;
    return none;
}

/// The key in use, or a new one. The key ring is never searched for another own key: who can put a
/// key there must not be able to have it used.
Expected<OwnKey> own_key(
    const Scope& scope,
    const std::optional<IdentityRow>& row,
    const Identity& identity,
    Generate generate,
    Renew renew
) {
    OwnKey key{PEP_GET_KEY_FAILED, {}, {}};
    if (row && !row->fpr.empty()) {
        auto stored = stored_key(scope, *row, renew);
        if (!stored || stored->status == PEP_STATUS_OK)
            return stored;
        key = *stored;
    }
    if (generate == Generate::no)
        return key;
    // Making a key takes long, so it is made before the transaction that stores it begins.
    auto go = before_new_key(scope, identity);
    if (!go)
        return fail(go);
    if (!*go)
        return key;
    auto made = generate_key(scope, identity);
    if (!made) {
        // No error of the rule: what is known is stored even without a key, and the caller gets the
        // status.
        key.status = status_of(made.error());
        return key;
    }
    if (!key.revoked.empty()) {
        auto noted = scope.store->put_revoked_key(key.revoked, *made, std::time(nullptr));
        if (!noted)
            return fail(noted);
    }
    return OwnKey{PEP_STATUS_OK, *made, {}};
}

/// The person keeps its name: own identities with different names must not change each other's.
Expected<void> store_own(IdentityStore& store, const Identity& identity) {
    if (auto done = store_rule(store, identity, PersonName::keep); !done)
        return done;
    return pep_user_rule(store, identity.user_id);
}

} // namespace

Expected<PEP_STATUS>
own_rule(const Scope& scope, Identity& identity, Generate generate, Renew renew) {
    IdentityStore& store = *scope.store;
    // As in the engine 3.3: which key is used is not up to the caller, but to set_own_key().
    identity.fpr.clear();
    if (auto settled = settle_user_id(store, identity); !settled)
        return fail(settled);
    auto row = store.identity(identity.address, identity.user_id);
    if (!row)
        return fail(row);
    if (identity.username.empty())
        identity.username = *row ? (*row)->name() : identity.address;
    // Stored flags win; applications change them by set_identity_flags().
    if (*row) {
        identity.flags = (*row)->flags;
        identity.enc_format = (*row)->enc_format;
        if (identity.lang.empty())
            identity.lang = (*row)->lang;
    }
    identity.me = true;
    identity.major = PEP_VERSION_MAJOR;
    identity.minor = PEP_VERSION_MINOR;

    auto key = own_key(scope, *row, identity, generate, renew);
    if (!key)
        return fail(key);
    identity.fpr = key->fpr;
    identity.ct = key->status == PEP_STATUS_OK ? PEP_ct_pEp : PEP_ct_unknown;
    if (!store.may_change())
        return key->status;
    // Why there is no key matters more than that the rest could not be stored either.
    // `change_needed` is no failure, but the call for a transaction.
    auto stored = store_own(store, identity);
    if (!stored && (key->status == PEP_STATUS_OK || stored.error().code == change_needed))
        return fail(stored);
    return key->status;
}

Expected<void>
myself(pEp_session_& session, pEp_identity& identity, Generate generate, Renew renew, Write write) {
    Identity own;
    const auto rule = [&](const Scope& scope) -> Expected<PEP_STATUS> {
        // Anew in each run: the first one may have ended half-way.
        own = value_of(identity);
        return own_rule(scope, own, generate, renew);
    };
    auto status = write == Write::yes ? run_rule(session, rule) : look_up(session, rule);
    if (!status)
        return fail(status);
    // Also without a key: user id, name and flags are of use to the caller.
    if (auto done = assign(identity, own); !done)
        return done;
    if (*status != PEP_STATUS_OK)
        return fail(*status, "there is no usable own key");
    return {};
}

} // namespace pep::engine
