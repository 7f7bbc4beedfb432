// C API: keys put aside by clients of older engines.
#include "pEp/blacklist.h"

#include "engine/c_api/output.hpp"
#include "engine/key_validity.hpp"

using namespace pep::engine;
using pep::Expected;

namespace {

/// Change the list for one key.
template <class Change>
PEP_STATUS change_list(PEP_SESSION session, const char* fpr, Change change) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        const std::string key = normalised_fpr(fpr);
        if (key.empty())
            return fail(PEP_ILLEGAL_VALUE, "a fingerprint consists of hex digits");
        return run_rule(*session, [&](const Scope& scope) { return change(*scope.store, key); });
    });
}

} // namespace

PEP_STATUS blacklist_add(PEP_SESSION session, const char* fpr) {
    return change_list(session, fpr, [](IdentityStore& store, const std::string& key) {
        return store.put_blacklisted(key);
    });
}

PEP_STATUS blacklist_delete(PEP_SESSION session, const char* fpr) {
    return change_list(session, fpr, [](IdentityStore& store, const std::string& key) {
        return store.delete_blacklisted(key);
    });
}

PEP_STATUS blacklist_is_listed(PEP_SESSION session, const char* fpr, bool* listed) {
    if (listed != nullptr)
        *listed = false;
    if (session == nullptr || missing(fpr) || listed == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // What is no fingerprint becomes "", which is on no list.
        auto found = look_up(*session, [&](const Scope& scope) {
            return scope.store->is_blacklisted(normalised_fpr(fpr));
        });
        return c_api::hand_out_value(std::move(found), listed);
    });
}

PEP_STATUS blacklist_retrieve(PEP_SESSION session, stringlist_t** blacklist) {
    if (blacklist != nullptr)
        *blacklist = nullptr;
    if (session == nullptr || blacklist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto keys = look_up(*session, [](const Scope& scope) { return scope.store->blacklist(); });
        if (auto done = c_api::hand_out(keys, blacklist); !done)
            return done;
        // Clients of release 2 get an empty list, never NULL.
        if (*blacklist == nullptr)
            *blacklist = new_stringlist(nullptr);
        if (*blacklist == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "no memory for a list");
        return {};
    });
}
