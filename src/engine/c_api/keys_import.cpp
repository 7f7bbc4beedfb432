// C API: importing keys, and telling which.
#include "engine/c_api/output.hpp"
#include "engine/identity_rules.hpp"
#include "engine/keys.hpp"
#include "engine/session.hpp"

#include <algorithm>

using namespace pep::engine;
using pep::Expected;

namespace {

constexpr std::size_t mask_bits = 64;

/// Where an import reports to; each may be null.
struct Outputs {
    identity_list** identities;
    identity_list** private_keys;
    stringlist_t** imported_keys;
    uint64_t* changed_public_keys;

    // Not imported_keys: a list the caller has is continued, and stays when the import fails.
    void clear() const {
        if (identities != nullptr)
            *identities = nullptr;
        if (private_keys != nullptr)
            *private_keys = nullptr;
        if (changed_public_keys != nullptr)
            *changed_public_keys = 0;
    }
};

enum class Keys { all, secret };

/// An identity for each key met, newest first; nothing when nobody asks.
Expected<c_api::IdentityListOwner>
identities_of(const ImportResult& result, Keys which, identity_list** wanted) {
    c_api::IdentityListOwner list;
    if (wanted == nullptr)
        return list;
    identity_list* last = nullptr;
    for (auto key = result.keys.rbegin(); key != result.keys.rend(); ++key) {
        if (which == Keys::secret && !key->secret)
            continue;
        c_api::IdentityOwner identity{
            new_identity(key->address.c_str(), key->fpr.c_str(), nullptr, key->username.c_str())};
        if (!identity)
            return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
        last = identity_list_add(last, identity.get());
        if (last == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
        (void)identity.release(); // the list's now
        if (!list)
            list.reset(last);
    }
    return list;
}

/// Bit n for the n-th key of this import, as far as there are bits.
std::uint64_t change_mask(const ImportResult& result) {
    std::uint64_t mask = 0;
    // Keys beyond the 64th are imported like the others, but not reported.
    for (std::size_t i = 0; i < std::min(result.keys.size(), mask_bits); ++i)
        mask |= std::uint64_t{result.keys[i].changed} << i;
    return mask;
}

/// A list the caller has already is continued.
Expected<void> add_fingerprints(const ImportResult& result, stringlist_t** imported_keys) {
    if (imported_keys == nullptr)
        return {};
    std::vector<std::string> fprs;
    for (const auto& key : result.keys)
        fprs.push_back(key.fpr);
    auto list = c_api::string_list(fprs);
    if (!list)
        return fail(list);
    if (*imported_keys == nullptr)
        *imported_keys = list->release();
    else if (*list && stringlist_append(*imported_keys, list->get()) == nullptr)
        return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
    return {};
}

Expected<PEP_STATUS> report(Expected<ImportResult> result, const Outputs& outputs) {
    if (!result)
        return fail(result);
    auto all = identities_of(*result, Keys::all, outputs.identities);
    auto secret = identities_of(*result, Keys::secret, outputs.private_keys);
    if (!all)
        return fail(all);
    if (!secret)
        return fail(secret);
    // Last of what can fail: what was added to the caller's list could not be taken back.
    if (auto added = add_fingerprints(*result, outputs.imported_keys); !added)
        return fail(added);
    if (outputs.identities != nullptr)
        *outputs.identities = all->release();
    if (outputs.private_keys != nullptr)
        *outputs.private_keys = secret->release();
    if (outputs.changed_public_keys != nullptr)
        *outputs.changed_public_keys = change_mask(*result);
    return result->status;
}

/// Empties the outputs, too. The bits of changed_public_keys mean nothing without the list whose
/// nodes they count.
bool valid(PEP_SESSION session, const char* key_data, const Outputs& outputs) {
    outputs.clear();
    return session != nullptr && key_data != nullptr &&
           (outputs.changed_public_keys == nullptr || outputs.imported_keys != nullptr);
}

/// The identity an extra key is known by.
Identity extra_identity(const std::string& fpr) {
    Identity extra;
    extra.address = "extrakey_" + fpr;
    extra.user_id = extra.address;
    extra.username = extra.address;
    extra.fpr = fpr;
    extra.ct = PEP_ct_OpenPGP;
    extra.flags = PEP_idf_not_for_sync;
    extra.major = PEP_VERSION_MAJOR;
    extra.minor = PEP_VERSION_MINOR;
    return extra;
}

} // namespace

PEP_STATUS
import_key(PEP_SESSION session, const char* key_data, size_t size, identity_list** private_keys) {
    return import_key_with_fpr_return(session, key_data, size, private_keys, nullptr, nullptr);
}

PEP_STATUS import_key_with_fpr_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
) {
    return import_key_with_identities_return(
        session, key_data, size, nullptr, private_keys, imported_keys, changed_public_keys
    );
}

PEP_STATUS import_key_with_identities_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    identity_list** identities,
    identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
) {
    const Outputs outputs{identities, private_keys, imported_keys, changed_public_keys};
    if (!valid(session, key_data, outputs))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto result = with_keys(*session, [&](KeyRing& keys) {
            return keys.import({key_data, size});
        });
        return report(std::move(result), outputs);
    });
}

PEP_STATUS import_extrakey_with_fpr_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
) {
    const Outputs outputs{nullptr, private_keys, imported_keys, changed_public_keys};
    if (!valid(session, key_data, outputs))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto result = run_rule(*session, [&](const Scope& scope) -> Expected<ImportResult> {
            // Keys and their identities come together or not at all.
            if (auto go = scope.store->before_change(); !go)
                return fail(go);
            auto imported = scope.keys->import({key_data, size});
            if (!imported)
                return imported;
            // Also of keys that were here already: they are extra keys from now on.
            for (const auto& key : imported->keys)
                if (auto stored = store_rule(*scope.store, extra_identity(key.fpr)); !stored)
                    return fail(stored);
            return imported;
        });
        return report(std::move(result), outputs);
    });
}
