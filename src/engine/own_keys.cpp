// Each identity is cleaned in a transaction of its own: one locked key must not undo what was done
// for the others.
#include "engine/own_keys.hpp"

#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"
#include "engine/trust.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

bool is_signing(const IdentityRow& row) { return (row.flags & PEP_idf_signing) != 0; }

/// Is the key still good for the user? PASSPHRASE statuses are errors.
Expected<bool>
good_for_user(const Scope& scope, const std::string& user_id, const std::string& fpr) {
    // The secret part is not asked for: a key whose secret part is elsewhere may stay the default.
    auto valid = validate_key(
        scope, {.user_id = user_id, .fpr = fpr, .holder = Holder::user, .renew = Renew::yes}
    );
    if (!valid)
        return fail(valid);
    // Not "no longer good": with its passphrase the key can be renewed.
    if (valid->status == PEP_PASSPHRASE_REQUIRED || valid->status == PEP_WRONG_PASSPHRASE)
        return fail(valid->status, "an own key is to be renewed and locked");
    return valid->usable();
}

Expected<void> clean_identity(const Scope& scope, const IdentityRow& row) {
    auto good = good_for_user(scope, row.user_id, row.fpr);
    if (!good)
        return fail(good);
    if (*good)
        return {};
    // Everywhere, as the engine 3.3 does: nobody else can use such a key either.
    if (auto done = scope.store->remove_default(row.fpr); !done)
        return done;
    Identity identity = identity_of(row, PEP_ct_unknown);
    auto status = own_rule(scope, identity, Generate::yes, Renew::yes);
    if (!status)
        return fail(status);
    // An error, so that the transaction is taken back and the old default stays.
    if (*status != PEP_STATUS_OK)
        return fail(*status, "an own key cannot be replaced");
    return {};
}

/// The key of the user as such, which identities without a key fall back on.
Expected<void> clean_user(const Scope& scope) {
    // Without own identities the id is empty, and nobody has it.
    auto own = scope.store->own_user_id();
    if (!own)
        return fail(own);
    auto person = scope.store->person(*own);
    if (!person)
        return fail(person);
    if (!*person || (*person)->fpr.empty())
        return {};
    auto good = good_for_user(scope, *own, (*person)->fpr);
    if (!good)
        return fail(good);
    // There is no successor to make: keys are made for identities.
    return *good ? Expected<void>{} : scope.store->remove_default((*person)->fpr);
}

} // namespace

Expected<std::vector<IdentityRow>> own_identities(pEp_session_& session, unsigned excluded_flags) {
    auto rows = look_up(session, [](const Scope& scope) { return scope.store->own_identities(); });
    if (rows)
        std::erase_if(*rows, [&](const IdentityRow& row) {
            return is_signing(row) || (row.flags & excluded_flags) != 0;
        });
    return rows;
}

Expected<std::vector<std::string>> own_keys(pEp_session_& session, Which which) {
    using Fprs = std::vector<std::string>;
    return look_up(session, [&](const Scope& scope) -> Expected<Fprs> {
        auto own = scope.store->own_user_id();
        if (!own)
            return fail(own);
        // Trust rows, not default keys: former own keys still decrypt old mails.
        auto trusts = scope.store->trusts_of_user(*own);
        if (!trusts)
            return fail(trusts);
        auto rows = scope.store->own_identities();
        if (!rows)
            return fail(rows);
        Fprs fprs;
        for (const auto& trust : *trusts) {
            const bool signs = std::any_of(rows->begin(), rows->end(), [&](const auto& row) {
                return is_signing(row) && row.fpr == trust.fpr;
            });
            auto here = which == Which::all ? scope.keys->contains(trust.fpr)
                                            : scope.keys->has_secret(trust.fpr);
            if (!here)
                return fail(here);
            if (*here && !signs)
                fprs.push_back(trust.fpr);
        }
        return fprs;
    });
}

Expected<void>
use_own_imported_key(pEp_session_& session, pEp_identity& me, const std::string& fpr, bool sticky) {
    // First, and outside any transaction: a locked key leaves everything as it was, and the caller
    // gets its passphrase status.
    auto usable =
        with_keys(session, [&](KeyRing& keys) { return keys.probe(fpr, passphrase_of(session)); });
    if (!usable)
        return usable;
    if (auto used = use_own_key(session, me, fpr); !used)
        return used;
    return run_rule(session, [&](const Scope& scope) {
        return scope.store->put_sticky(me.user_id, me.fpr, sticky);
    });
}

Expected<void> clean_own_defaults(pEp_session_& session) {
    auto rows = look_up(session, [](const Scope& scope) { return scope.store->own_identities(); });
    if (!rows)
        return fail(rows);
    // Read once. Where identities share a key, later rows may name one that is no default any more;
    // it is judged again, and replaced for each of them.
    for (const auto& row : *rows) {
        if (row.fpr.empty())
            continue;
        auto cleaned =
            run_rule(session, [&](const Scope& scope) { return clean_identity(scope, row); });
        if (!cleaned)
            return cleaned;
    }
    return run_rule(session, clean_user);
}

} // namespace pep::engine
