// C API: the key ring.
#include "engine/keys.hpp"

#include "engine/c_api/output.hpp"
#include "engine/key_validity.hpp"
#include "engine/session.hpp"
#include "pEp/timestamp.h"

#include <algorithm>

using namespace pep::engine;
using pep::Expected;

namespace {

/// Run `work(KeyRing&)` on the session's key ring of this thread.
template <class Work>
auto with_keys(PEP_SESSION session, Work&& work) -> std::invoke_result_t<Work, KeyRing&> {
    auto context = session->context();
    if (!context)
        return fail(context);
    return work((*context)->keys);
}

constexpr std::size_t mask_bits = 64;

/// An identity for each secret key met, newest first.
Expected<c_api::IdentityListOwner> secret_identities(const ImportResult& result) {
    c_api::IdentityListOwner list;
    for (auto key = result.keys.rbegin(); key != result.keys.rend(); ++key) {
        if (!key->secret)
            continue;
        c_api::IdentityOwner identity{
            new_identity(key->address.c_str(), key->fpr.c_str(), nullptr, key->username.c_str())};
        if (!identity)
            return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
        identity_list* node = identity_list_add(list.get(), identity.get());
        if (node == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
        (void)identity.release(); // the list's now
        if (!list)
            list.reset(node);
    }
    return list;
}

Expected<c_api::StringlistOwner> string_list(const std::vector<std::string>& values) {
    c_api::StringlistOwner list;
    stringlist_t* last = nullptr; // appending to the last node keeps this linear
    for (const auto& value : values) {
        last = stringlist_add(last, value.c_str());
        if (last == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "no memory for a list");
        if (!list)
            list.reset(last);
    }
    return list;
}

std::uint64_t change_mask(const ImportResult& result) {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < std::min(result.keys.size(), mask_bits); ++i)
        mask |= std::uint64_t{result.keys[i].changed} << i;
    return mask;
}

std::vector<std::string> fingerprints(const ImportResult& result) {
    std::vector<std::string> fprs;
    for (const auto& key : result.keys)
        fprs.push_back(key.fpr);
    return fprs;
}

using Export = Expected<std::string> (KeyRing::*)(std::string_view);

PEP_STATUS export_as(Export kind, PEP_SESSION session, const char* fpr, char** data, size_t* size) {
    if (data != nullptr)
        *data = nullptr;
    if (size != nullptr)
        *size = 0;
    if (session == nullptr || missing(fpr) || data == nullptr || size == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto text = with_keys(session, [&](KeyRing& keys) { return (keys.*kind)(fpr); });
        if (!text)
            return fail(text);
        auto done = c_api::hand_out(std::string_view{*text}, data, size);
        pep::wipe(text->data(), text->size()); // it may be a secret key
        return done;
    });
}

} // namespace

PEP_STATUS generate_keypair(PEP_SESSION session, pEp_identity* identity) {
    if (session == nullptr || identity == nullptr || missing(identity->address) ||
        !missing(identity->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto fpr = run_rule(*session, [&](const Scope& scope) -> Expected<std::string> {
            if (auto go = scope.store->before_change(); !go)
                return fail(go);
            return generate_key(scope, value_of(*identity));
        });
        if (!fpr)
            return fail(fpr);
        char* copy = nullptr;
        if (auto done = c_api::hand_out(std::string_view{*fpr}, &copy); !done)
            return done;
        pEp_free(identity->fpr);
        identity->fpr = copy;
        return {};
    });
}

PEP_STATUS delete_keypair(PEP_SESSION session, const char* fpr) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return with_keys(session, [&](KeyRing& keys) { return keys.remove(fpr); }); }
    );
}

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
    if (private_keys != nullptr)
        *private_keys = nullptr;
    if (changed_public_keys != nullptr)
        *changed_public_keys = 0;
    if (session == nullptr || key_data == nullptr ||
        (changed_public_keys != nullptr && imported_keys == nullptr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<PEP_STATUS> {
        auto result = with_keys(session, [&](KeyRing& keys) {
            return keys.import({key_data, size});
        });
        if (!result)
            return fail(result);
        c_api::IdentityListOwner secret;
        if (private_keys != nullptr) {
            auto made = secret_identities(*result);
            if (!made)
                return fail(made);
            secret = std::move(*made);
        }
        if (imported_keys != nullptr) {
            auto fprs = string_list(fingerprints(*result));
            if (!fprs)
                return fail(fprs);
            if (*imported_keys == nullptr)
                *imported_keys = fprs->release();
            else if (*fprs && stringlist_append(*imported_keys, fprs->get()) == nullptr)
                return fail(PEP_OUT_OF_MEMORY, "no memory for imported keys");
        }
        if (private_keys != nullptr)
            *private_keys = secret.release();
        if (changed_public_keys != nullptr)
            *changed_public_keys = change_mask(*result);
        return result->status;
    });
}

PEP_STATUS export_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size) {
    return export_as(&KeyRing::export_public, session, fpr, key_data, size);
}

PEP_STATUS export_secret_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size) {
    constexpr std::size_t key_id_digits = 16;
    if (fpr != nullptr && std::string_view{fpr}.size() < key_id_digits) {
        if (key_data != nullptr)
            *key_data = nullptr;
        if (size != nullptr)
            *size = 0;
        return PEP_ILLEGAL_VALUE;
    }
    return export_as(&KeyRing::export_secret, session, fpr, key_data, size);
}

PEP_STATUS find_keys(PEP_SESSION session, const char* pattern, stringlist_t** keylist) {
    if (keylist != nullptr)
        *keylist = nullptr;
    if (session == nullptr || missing(pattern) || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto found =
            with_keys(session, [&](KeyRing& keys) { return keys.find(pattern, Which::all); });
        if (!found)
            return fail(found);
        auto list = string_list(*found);
        if (!list)
            return fail(list);
        *keylist = list->release();
        return {};
    });
}

PEP_STATUS get_key_rating(PEP_SESSION session, const char* fpr, PEP_comm_type* comm_type) {
    if (comm_type != nullptr)
        *comm_type = PEP_ct_unknown;
    if (session == nullptr || missing(fpr) || comm_type == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto rating = with_keys(session, [&](KeyRing& keys) { return keys.rating(fpr); });
        return c_api::hand_out_value(std::move(rating), comm_type);
    });
}

PEP_STATUS renew_key(PEP_SESSION session, const char* fpr, const timestamp* ts) {
    if (session == nullptr || missing(fpr) || ts == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(session, [&](KeyRing& keys) {
            return keys.renew(fpr, timegm_with_gmtoff(ts), passphrase_of(*session));
        });
    });
}

PEP_STATUS revoke_key(PEP_SESSION session, const char* fpr, const char* reason) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(session, [&](KeyRing& keys) {
            return keys.revoke(fpr, reason != nullptr ? reason : "", passphrase_of(*session));
        });
    });
}

PEP_STATUS key_expired(PEP_SESSION session, const char* fpr, const time_t when, bool* expired) {
    if (expired != nullptr)
        *expired = false;
    if (session == nullptr || missing(fpr) || expired == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto answer = with_keys(session, [&](KeyRing& keys) { return keys.expired(fpr, when); });
        return c_api::hand_out_value(std::move(answer), expired);
    });
}

PEP_STATUS key_revoked(PEP_SESSION session, const char* fpr, bool* revoked) {
    if (revoked != nullptr)
        *revoked = false;
    if (session == nullptr || missing(fpr) || revoked == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        auto answer = with_keys(session, [&](KeyRing& keys) { return keys.revoked(fpr); });
        return c_api::hand_out_value(std::move(answer), revoked);
    });
}

PEP_STATUS probe_encrypt(PEP_SESSION session, const char* fpr) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(session, [&](KeyRing& keys) {
            return keys.probe(fpr, passphrase_of(*session));
        });
    });
}
