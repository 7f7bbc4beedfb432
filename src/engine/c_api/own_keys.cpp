// C API: own identities and keys, which key replaced which, signatures by this installation.
#include "engine/own_keys.hpp"

#include "engine/c_api/output.hpp"
#include "engine/identity_rules.hpp"
#include "engine/signing_identity.hpp"
#include "pEp/keymanagement.h"
#include "pEp/signature.h"

using namespace pep::engine;
using pep::Expected;

namespace {

/// One list node per own identity; none gives an empty list.
Expected<c_api::IdentityListOwner> identity_list_of(const std::vector<IdentityRow>& rows) {
    const auto no_memory = fail(PEP_OUT_OF_MEMORY, "no memory for identities");
    // Not NULL, as clients of the engine look at the first node.
    c_api::IdentityListOwner list{new_identity_list(nullptr)};
    if (!list)
        return no_memory;
    for (const auto& row : rows) {
        c_api::IdentityOwner identity{new_identity(nullptr, nullptr, nullptr, nullptr)};
        if (!identity)
            return no_memory;
        if (auto done = assign(*identity, identity_of(row, PEP_ct_pEp)); !done)
            return fail(done);
        if (identity_list_add(list.get(), identity.get()) == nullptr)
            return no_memory;
        (void)identity.release(); // the list's now
    }
    return list;
}

/// By the old key or by the new one.
using LookUp =
    Expected<std::optional<IdentityStore::Replacement>> (IdentityStore::*)(std::string_view);

/// The other key of a replacement, and its date.
PEP_STATUS hand_out_replacement(
    PEP_SESSION session, LookUp find, const char* fpr, char** other, uint64_t* date
) {
    if (other != nullptr)
        *other = nullptr;
    if (date != nullptr)
        *date = 0;
    if (session == nullptr || missing(fpr) || other == nullptr || date == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto found = look_up(*session, [&](const Scope& scope) {
            return (scope.store->*find)(normalised_fpr(fpr));
        });
        if (!found)
            return fail(found);
        if (!*found)
            return fail(PEP_CANNOT_FIND_IDENTITY, "no such replacement of a key");
        if (auto done = c_api::hand_out(std::string_view{(*found)->fpr}, other); !done)
            return done;
        // Last, so that a failed copy leaves no date.
        *date = static_cast<uint64_t>((*found)->when);
        return {};
    });
}

} // namespace

PEP_STATUS own_identities_retrieve(PEP_SESSION session, identity_list** own_identities) {
    return _own_identities_retrieve(session, own_identities, 0);
}

PEP_STATUS _own_identities_retrieve(
    PEP_SESSION session, identity_list** own_identities, identity_flags_t excluded_flags
) {
    if (own_identities != nullptr)
        *own_identities = nullptr;
    if (session == nullptr || own_identities == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto rows = pep::engine::own_identities(*session, excluded_flags);
        if (!rows)
            return fail(rows);
        auto list = identity_list_of(*rows);
        if (!list)
            return fail(list);
        *own_identities = list->release();
        return {};
    });
}

PEP_STATUS own_keys_retrieve(PEP_SESSION session, stringlist_t** keylist) {
    return _own_keys_retrieve(session, keylist, 0, true);
}

PEP_STATUS _own_keys_retrieve(
    PEP_SESSION session,
    stringlist_t** keylist,
    identity_flags_t /*excluded_flags*/,
    bool private_only
) {
    if (keylist != nullptr)
        *keylist = nullptr;
    if (session == nullptr || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // The flags are ignored by the engine 3.3 as well: keys belong to no identity here.
        const Which which = private_only ? Which::secret_only : Which::all;
        return c_api::hand_out(own_keys(*session, which), keylist);
    });
}

PEP_STATUS
set_own_imported_key(PEP_SESSION session, pEp_identity* me, const char* fpr, bool sticky) {
    if (session == nullptr || c_api::incomplete(me) || missing(me->username) || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    // The passphrase is the session's; a locked key gives its status and changes nothing.
    return guard([&] { return use_own_imported_key(*session, *me, fpr, sticky); });
}

PEP_STATUS clean_own_key_defaults(PEP_SESSION session) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return clean_own_defaults(*session); });
}

PEP_STATUS set_revoked(
    PEP_SESSION session,
    const char* revoked_fpr,
    const char* replacement_fpr,
    uint64_t revocation_date
) {
    if (session == nullptr || missing(revoked_fpr) || missing(replacement_fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        const std::string revoked = normalised_fpr(revoked_fpr);
        const std::string replacement = normalised_fpr(replacement_fpr);
        // SQLite's integers are signed.
        if (revoked.empty() || replacement.empty() || revocation_date > INT64_MAX)
            return fail(PEP_ILLEGAL_VALUE, "two fingerprints and a date are needed");
        return run_rule(*session, [&](const Scope& scope) {
            return scope.store->put_revoked_key(
                revoked, replacement, static_cast<std::int64_t>(revocation_date)
            );
        });
    });
}

PEP_STATUS
get_revoked(PEP_SESSION session, const char* fpr, char** revoked_fpr, uint64_t* revocation_date) {
    return hand_out_replacement(
        session, &IdentityStore::replaced_by, fpr, revoked_fpr, revocation_date
    );
}

PEP_STATUS get_replacement_fpr(
    PEP_SESSION session, const char* fpr, char** replacement_fpr, uint64_t* revocation_date
) {
    return hand_out_replacement(
        session, &IdentityStore::replacement_of, fpr, replacement_fpr, revocation_date
    );
}

PEP_STATUS signature_for_text(
    PEP_SESSION session, const char* ptext, size_t psize, char** stext, size_t* ssize
) {
    if (stext != nullptr)
        *stext = nullptr;
    if (ssize != nullptr)
        *ssize = 0;
    if (session == nullptr || ptext == nullptr || psize == 0 || stext == nullptr ||
        ssize == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // May make a key, and take as long.
        return c_api::hand_out(sign_here(*session, {ptext, psize}), stext, ssize);
    });
}

PEP_STATUS verify_signature(
    PEP_SESSION session, const char* ptext, size_t psize, const char* stext, size_t ssize
) {
    if (session == nullptr || ptext == nullptr || psize == 0 || stext == nullptr || ssize == 0)
        return PEP_ILLEGAL_VALUE;
    // A status that is no failure tells the result: VERIFIED, or what was found instead.
    return guard([&] { return verify_here(*session, {ptext, psize}, {stext, ssize}); });
}
