// C API: identities and own identities.
#include "engine/c_api/output.hpp"
#include "engine/identities.hpp"
#include "engine/identity_rules.hpp"
#include "engine/trust.hpp"
#include "pEp/keymanagement.h"

using namespace pep::engine;
using pep::Expected;

namespace {

// Those the database of the engine 3.3 keeps; others are dropped without a word.
constexpr unsigned persistent_flags = 0xffff;

/// "" or two lower case letters.
bool is_language(const char* lang) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return lang[0] == '\0' || (letter(lang[0]) && letter(lang[1]) && lang[2] == '\0');
}

/// One octet; C may pass anything.
bool is_comm_type(int ct) { return ct >= PEP_ct_unknown && ct <= PEP_ct_pEp; }

/// Change a stored row, if there is one.
template <class Change>
Expected<void> change_row(pEp_session_& session, const pEp_identity& identity, Change change) {
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        auto row = scope.store->identity(identity.address, identity.user_id);
        if (!row)
            return fail(row);
        if (!*row)
            return {};
        change(**row);
        return scope.store->put_identity(**row);
    });
}

/// As it stands in the tables: no key is validated or elected. The trust is that in the stored
/// default key, and unknown without one.
Expected<Identity> stored_identity(const Scope& scope, const char* address, const char* user_id) {
    auto row = scope.store->identity(address, user_id);
    if (!row)
        return fail(row);
    if (!*row)
        return fail(PEP_CANNOT_FIND_IDENTITY, "there is no such identity");
    auto ct = scope.store->trust((*row)->user_id, (*row)->fpr);
    if (!ct)
        return fail(ct);
    Identity identity = identity_of(**row, ct->value_or(PEP_ct_unknown));
    identity.address = address; // in the caller's spelling
    // Members of a group must not lend it their name.
    if ((identity.flags & PEP_idf_group_ident) != 0)
        identity.username = (*row)->username;
    return identity;
}

} // namespace

PEP_STATUS get_identity(
    PEP_SESSION session, const char* address, const char* user_id, pEp_identity** identity
) {
    if (identity != nullptr)
        *identity = nullptr;
    if (session == nullptr || missing(address) || identity == nullptr)
        return PEP_ILLEGAL_VALUE;
    // Not a wrong argument: a missing id matches nobody, as NULL in the database does.
    if (missing(user_id))
        return PEP_CANNOT_FIND_IDENTITY;
    // The struct is made outside the look-up, which holds a read transaction.
    return guard([&]() -> Expected<void> {
        auto found = look_up(*session, [&](const Scope& scope) {
            return stored_identity(scope, address, user_id);
        });
        if (!found)
            return fail(found);
        c_api::IdentityOwner made{new_identity(nullptr, nullptr, nullptr, nullptr)};
        if (!made)
            return fail(PEP_OUT_OF_MEMORY, "no memory for an identity");
        if (auto done = assign(*made, *found); !done)
            return done;
        *identity = made.release();
        return {};
    });
}

PEP_STATUS set_identity(PEP_SESSION session, const pEp_identity* identity) {
    // Clients pass enums as plain numbers; stored nonsense would be compared as if it were trust.
    if (session == nullptr || c_api::incomplete(identity) || missing(identity->username) ||
        !is_language(identity->lang) || !is_comm_type(identity->comm_type))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        Identity value = value_of(*identity);
        if (!value.fpr.empty()) {
            value.fpr = normalised_fpr(value.fpr);
            if (value.fpr.empty())
                return fail(PEP_CANNOT_SET_PGP_KEYPAIR, "a fingerprint consists of hex digits");
        }
        return run_rule(*session, [&](const Scope& scope) {
            // Person, key, identity and trust: all of them or none.
            return store_rule(*scope.store, value);
        });
    });
}

PEP_STATUS set_identity_flags(PEP_SESSION session, pEp_identity* identity, identity_flags_t flags) {
    if (session == nullptr || c_api::incomplete(identity))
        return PEP_ILLEGAL_VALUE;
    flags &= persistent_flags;
    return guard([&] {
        // The struct follows the database, and only when that could be written.
        auto done = change_row(*session, *identity, [&](IdentityRow& row) { row.flags |= flags; });
        if (done)
            identity->flags |= flags;
        return done;
    });
}

PEP_STATUS
unset_identity_flags(PEP_SESSION session, pEp_identity* identity, identity_flags_t flags) {
    if (session == nullptr || c_api::incomplete(identity))
        return PEP_ILLEGAL_VALUE;
    flags &= persistent_flags;
    return guard([&] {
        auto done = change_row(*session, *identity, [&](IdentityRow& row) { row.flags &= ~flags; });
        if (done)
            identity->flags &= ~flags;
        return done;
    });
}

PEP_STATUS
set_ident_enc_format(PEP_SESSION session, pEp_identity* identity, PEP_enc_format format) {
    // PEP_enc_auto asks for the format that suits the recipients best.
    const bool known =
        (format >= PEP_enc_none && format <= PEP_enc_inline_EA) || format == PEP_enc_auto;
    if (session == nullptr || c_api::incomplete(identity) || !known)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto done =
            change_row(*session, *identity, [&](IdentityRow& row) { row.enc_format = format; });
        if (done)
            identity->enc_format = format;
        return done;
    });
}

PEP_STATUS set_as_pEp_user(PEP_SESSION session, pEp_identity* identity) {
    if (session == nullptr || identity == nullptr || missing(identity->user_id))
        return PEP_ILLEGAL_VALUE;
    // Raises what is stored of the user's trust and versions as well.
    return guard([&] { return set_as_pep_user(*session, *identity); });
}

PEP_STATUS is_pEp_user(PEP_SESSION session, pEp_identity* identity, bool* is_pEp) {
    if (is_pEp != nullptr)
        *is_pEp = false;
    if (session == nullptr || identity == nullptr || missing(identity->user_id) ||
        is_pEp == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto found = look_up(*session, [&](const Scope& scope) -> Expected<bool> {
            // By this id alone, without a look at aliases.
            auto person = scope.store->person(identity->user_id);
            if (!person)
                return fail(person);
            if (!*person)
                return fail(PEP_CANNOT_FIND_PERSON, "there is no such user");
            return (*person)->is_pep_user;
        });
        return c_api::hand_out_value(std::move(found), is_pEp);
    });
}

PEP_STATUS reset_pEptest_hack(PEP_SESSION session) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return run_rule(*session, [](const Scope& scope) {
            // The domain of the tests of the original, whence the name.
            return scope.store->delete_identities_ending("@pEptest.ch");
        });
    });
}

PEP_STATUS get_default_own_userid(PEP_SESSION session, char** userid) {
    if (userid != nullptr)
        *userid = nullptr;
    if (session == nullptr || userid == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return c_api::hand_out(own_user_id(*session), userid); });
}

PEP_STATUS get_userid_alias_default(PEP_SESSION session, const char* alias_id, char** default_id) {
    if (default_id != nullptr)
        *default_id = nullptr;
    if (session == nullptr || missing(alias_id) || default_id == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        // Asked of the table of aliases alone.
        auto id = look_up(*session, [&](const Scope& scope) {
            return scope.store->alias_default(alias_id);
        });
        if (id && id->empty())
            return fail(PEP_CANNOT_FIND_ALIAS, "this is no alias");
        return c_api::hand_out(std::move(id), default_id);
    });
}

PEP_STATUS set_userid_alias(PEP_SESSION session, const char* default_id, const char* alias_id) {
    if (session == nullptr || missing(default_id) || missing(alias_id))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return run_rule(*session, [&](const Scope& scope) {
            // A known alias gets another default.
            return scope.store->put_alias(default_id, alias_id);
        });
    });
}

PEP_STATUS update_identity(PEP_SESSION session, pEp_identity* identity) {
    if (session == nullptr || identity == nullptr || missing(identity->address))
        return PEP_ILLEGAL_VALUE;
    // Writes only when something changed: a warm call needs no lock.
    return guard([&] { return update_identity(*session, *identity); });
}

PEP_STATUS myself(PEP_SESSION session, pEp_identity* identity) {
    if (session == nullptr || identity == nullptr || missing(identity->address))
        return PEP_ILLEGAL_VALUE;
    // May make a key, or renew one: the call that can take seconds.
    return guard([&] { return myself(*session, *identity, Generate::yes, Renew::yes, Write::yes); }
    );
}

PEP_STATUS own_key_is_listed(PEP_SESSION session, const char* fpr, bool* listed) {
    if (listed != nullptr)
        *listed = false;
    if (session == nullptr || missing(fpr) || listed == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out_value(own_key_is_listed(*session, std::string{fpr}), listed);
    });
}

PEP_STATUS set_own_key(PEP_SESSION session, pEp_identity* me, const char* fpr) {
    if (session == nullptr || c_api::incomplete(me) || missing(me->username) || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    // What it replaces keeps its trust row, and so stays an own key.
    return guard([&] { return use_own_key(*session, *me, fpr); });
}

PEP_STATUS set_comm_partner_key(PEP_SESSION session, pEp_identity* identity, const char* fpr) {
    // Without user id it is the partner update_identity() finds by the address.
    if (session == nullptr || identity == nullptr || missing(identity->address) || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return use_partner_key(*session, *identity, fpr); });
}
