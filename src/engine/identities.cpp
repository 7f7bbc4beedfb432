// Storing identities and what other parts of the engine ask about them.
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

#include <algorithm>

namespace pep::engine {

Expected<void> store_rule(IdentityStore& store, const Identity& identity, PersonName name) {
    // Rows refer to each other: first the key, then the person, then the identity.
    if (!identity.fpr.empty()) {
        if (auto done = store.put_key(identity.fpr); !done)
            return done;
    }
    // A new person gets the name even where that of a known one is kept.
    auto stored_person = store.person(identity.user_id);
    if (!stored_person)
        return fail(stored_person);
    PersonRow person =
        stored_person->value_or(PersonRow{identity.user_id, identity.username, {}, {}});
    // Not for own identities, which share one person and may have different names.
    if (name == PersonName::overwrite)
        person.username = identity.username;
    person.lang = identity.lang;
    // Only filled in, as the engine 3.3 does: a default the user has is not replaced on the way.
    if (person.fpr.empty())
        person.fpr = identity.fpr;
    if (auto done = store.put_person(person); !done)
        return done;

    auto stored_row = store.identity(identity.address, identity.user_id);
    if (!stored_row)
        return fail(stored_row);
    IdentityRow fresh;
    fresh.address = identity.address;
    fresh.user_id = identity.user_id;
    IdentityRow row = stored_row->value_or(std::move(fresh));
    if (!identity.fpr.empty())
        row.fpr = identity.fpr;
    // Filled in only, like the person's key: force_username() is there to change it.
    if (row.username.empty())
        row.username = identity.username;
    // All but enc_format: that is the user's preference, which set_ident_enc_format() stores.
    row.flags = identity.flags;
    row.own = identity.me;
    row.major = identity.major;
    row.minor = identity.minor;
    if (auto done = store.put_identity(row); !done)
        return done;

    if (identity.fpr.empty())
        return {};
    auto trust = store.trust(identity.user_id, identity.fpr);
    if (!trust)
        return fail(trust);
    // An identity whose trust was never filled in says nothing about it.
    if (*trust && identity.ct == PEP_ct_unknown)
        return {};
    return store.put_trust(identity.user_id, identity.fpr, identity.ct);
}

Expected<void> pep_user_rule(IdentityStore& store, const std::string& user_id) {
    // Runs also for users marked before: rows that came later are lifted, and equal ones cost no
    // write.
    auto person = store.person(user_id);
    if (!person)
        return fail(person);
    if (!*person)
        return {};
    // There is no way back: who once ran p≡p is taken to do so still.
    (*person)->is_pep_user = true;
    if (auto done = store.put_person(**person); !done)
        return done;
    auto trusts = store.trusts_of_user(user_id);
    if (!trusts)
        return fail(trusts);
    // Only strong trust rises; keys that are weak, expired or rejected stay what they are.
    for (const auto& trust : *trusts) {
        if (auto done = store.put_trust(user_id, trust.fpr, pep_level(trust.ct)); !done)
            return done;
    }
    auto identities = store.by_user(user_id);
    if (!identities)
        return fail(identities);
    for (auto& row : *identities) {
        // Never lowered: who spoke a later version still does.
        if (!version_less(row.major, row.minor, least_pep_major, least_pep_minor))
            continue;
        row.major = least_pep_major;
        row.minor = least_pep_minor;
        if (auto done = store.put_identity(row); !done)
            return done;
    }
    return {};
}

Expected<bool> is_mine_rule(IdentityStore& store, const Identity& identity) {
    // As in the engine 3.3: without a user id not even `me` makes it the user's.
    if (identity.user_id.empty())
        return false;
    if (identity.me)
        return true;
    // Aliases are not resolved here, which the engine 3.3 does not do either.
    auto own = store.own_user_id();
    if (!own)
        return fail(own);
    return identity.user_id == *own;
}

Expected<bool> is_mine(pEp_session_& session, const pEp_identity& identity) {
    return look_up(session, [&](const Scope& scope) {
        return is_mine_rule(*scope.store, value_of(identity));
    });
}

Expected<bool> is_own_address(pEp_session_& session, const char* address) {
    if (missing(address))
        return false;
    return look_up(session, [&](const Scope& scope) {
        return scope.store->is_own_address(address);
    });
}

Expected<std::string> own_user_id(pEp_session_& session) {
    return look_up(session, [](const Scope& scope) -> Expected<std::string> {
        auto own = scope.store->own_user_id();
        // To the store that is no error, to callers of this it is.
        if (own && own->empty())
            return fail(PEP_CANNOT_FIND_IDENTITY, "there is no own identity");
        return own;
    });
}

Expected<bool> is_own_key(pEp_session_& session, const std::string& fpr) {
    return look_up(session, [&](const Scope& scope) -> Expected<bool> {
        auto own = scope.store->own_user_id();
        if (!own)
            return fail(own);
        if (own->empty())
            return false;
        const std::string key = normalised_fpr(fpr);
        // Neither is enough alone: secret keys can be mailed to anybody, and a trust row may be
        // left over from a key that was removed.
        auto ct = scope.store->trust(*own, key);
        if (!ct)
            return fail(ct);
        if (!*ct || **ct != PEP_ct_pEp)
            return false;
        return scope.keys->has_secret(key);
    });
}

Expected<std::string>
default_identity_fpr(pEp_session_& session, const char* address, const char* user_id) {
    if (missing(address) || missing(user_id))
        return std::string{};
    return look_up(session, [&](const Scope& scope) -> Expected<std::string> {
        auto row = scope.store->identity(address, user_id);
        if (!row)
            return fail(row);
        // As stored: it may be expired, revoked, or gone from the key ring.
        return *row ? (*row)->fpr : std::string{};
    });
}

Expected<void>
adopt_default_key(pEp_session_& session, const pEp_identity& identity, const std::string& fpr) {
    const std::string key = normalised_fpr(fpr);
    if (missing(identity.address) || missing(identity.user_id) || key.empty())
        return fail(PEP_ILLEGAL_VALUE, "an identity and a key are needed");
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        IdentityStore& store = *scope.store;
        auto row = store.identity(identity.address, identity.user_id);
        if (!row)
            return fail(row);
        // Asked again inside the transaction, for somebody else may have been quicker. An own
        // identity never takes a key from a mail.
        if (*row && (!(*row)->fpr.empty() || (*row)->own))
            return {};
        auto stored = store.trust(identity.user_id, key);
        if (!stored)
            return fail(stored);
        // What the user rejected does not come back by mail.
        if (*stored && is_distrusted(**stored))
            return {};
        // Trust from before stays, for the user may have confirmed the key already.
        auto trust = *stored && **stored != PEP_ct_unknown
                         ? Expected<PEP_comm_type>{**stored}
                         : initial_trust(scope, identity.user_id, key);
        if (!trust)
            return fail(trust);
        // A partner nobody has stored yet is stored as the caller describes him.
        Identity adopting = *row ? identity_of(**row, *trust) : value_of(identity);
        if (adopting.username.empty())
            adopting.username = adopting.address;
        adopting.fpr = key;
        adopting.ct = *trust;
        // Whether the name in a mail is to be believed is decided elsewhere.
        return store_rule(store, adopting, PersonName::keep);
    });
}

Expected<void> set_as_pep_user(pEp_session_& session, const pEp_identity& identity) {
    if (missing(identity.user_id))
        return fail(PEP_ILLEGAL_VALUE, "a user id is needed");
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        auto person = scope.store->person(identity.user_id);
        if (!person)
            return fail(person);
        if (!*person) {
            // Known users need none: theirs stays.
            if (missing(identity.username))
                return fail(PEP_ILLEGAL_VALUE, "a new user needs a name");
            auto done = scope.store->put_person({identity.user_id, identity.username, {}, {}});
            if (!done)
                return done;
        }
        return pep_user_rule(*scope.store, identity.user_id);
    });
}

Expected<void> raise_protocol_version(
    pEp_session_& session, const pEp_identity& identity, unsigned major, unsigned minor
) {
    if (missing(identity.address) || missing(identity.user_id))
        return fail(PEP_ILLEGAL_VALUE, "address and user id are needed");
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        auto row = scope.store->identity(identity.address, identity.user_id);
        if (!row)
            return fail(row);
        // The mail that told it may be older than what is known.
        if (!*row || !version_less((*row)->major, (*row)->minor, major, minor))
            return {};
        (*row)->major = major;
        (*row)->minor = minor;
        return scope.store->put_identity(**row);
    });
}

Expected<void>
force_username(pEp_session_& session, const pEp_identity& identity, const char* username) {
    if (missing(identity.address) || missing(identity.user_id) || missing(username))
        return fail(PEP_ILLEGAL_VALUE, "address, user id and name are needed");
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        auto row = scope.store->identity(identity.address, identity.user_id);
        if (!row)
            return fail(row);
        if (!*row)
            return {};
        // Unlike store_rule() this replaces a name that is there.
        (*row)->username = username;
        // Both names: that of the identity is shown first, that of the person where an identity has
        // none.
        if (auto done = scope.store->put_identity(**row); !done)
            return done;
        auto person = scope.store->person(identity.user_id);
        if (!person)
            return fail(person);
        (*person)->username = username;
        return scope.store->put_person(**person);
    });
}

Expected<void>
note_contact(pEp_session_& session, const pEp_identity& own, const char* contact_user_id) {
    if (missing(own.address) || missing(own.user_id) || missing(contact_user_id))
        return {};
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        auto contact = scope.store->person(contact_user_id);
        if (!contact)
            return fail(contact);
        // The graph refers to persons; who is not stored cannot be told about a key reset either.
        if (!*contact)
            return {};
        auto row = scope.store->identity(own.address, own.user_id);
        if (!row)
            return fail(row);
        // One spelling of the own address, whatever the message has.
        const std::string address = *row ? (*row)->address : std::string{own.address};
        return scope.store->put_contact(own.user_id, address, contact_user_id);
    });
}

} // namespace pep::engine
