// C API: the key ring.
#include "engine/keys.hpp"

#include "engine/c_api/output.hpp"
#include "engine/key_validity.hpp"
#include "engine/session.hpp"
#include "pEp/timestamp.h"

using namespace pep::engine;
using pep::Expected;

namespace {

using Export = Expected<std::string> (KeyRing::*)(std::string_view);

/// Both exports are armored, and outputs are empty on failure.
PEP_STATUS export_as(Export kind, PEP_SESSION session, const char* fpr, char** data, size_t* size) {
    if (data != nullptr)
        *data = nullptr;
    if (size != nullptr)
        *size = 0;
    if (session == nullptr || missing(fpr) || data == nullptr || size == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto text = with_keys(*session, [&](KeyRing& keys) { return (keys.*kind)(fpr); });
        if (!text)
            return fail(text);
        auto done = c_api::hand_out(std::string_view{*text}, data, size);
        pep::wipe(text->data(), text->size()); // it may be a secret key
        return done;
    });
}

} // namespace

PEP_STATUS generate_keypair(PEP_SESSION session, pEp_identity* identity) {
    // A fingerprint that is there may be in use: it is not overwritten.
    if (session == nullptr || identity == nullptr || missing(identity->address) ||
        !missing(identity->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto fpr = run_rule(*session, [&](const Scope& scope) -> Expected<std::string> {
            // Made before the transaction begins, so that nobody waits for it to write.
            if (auto go = before_new_key(scope, value_of(*identity)); !go)
                return fail(go);
            return generate_key(scope, value_of(*identity));
        });
        if (!fpr)
            return fail(fpr);
        char* copy = nullptr;
        if (auto done = c_api::hand_out(std::string_view{*fpr}, &copy); !done)
            return done;
        // May be "", which has to be freed as well.
        pEp_free(identity->fpr);
        identity->fpr = copy;
        return {};
    });
}

PEP_STATUS delete_keypair(PEP_SESSION session, const char* fpr) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // Identities keep naming it and trust in it stays: this is about the ring only.
        return with_keys(*session, [&](KeyRing& keys) { return keys.remove(fpr); });
    });
}

PEP_STATUS export_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size) {
    return export_as(&KeyRing::export_public, session, fpr, key_data, size);
}

PEP_STATUS export_secret_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size) {
    // As in the engine 3.3: shorter than that is not even a key id.
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

// The misspelt name is part of the API that clients link to.
PEP_STATUS export_secrect_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size) {
    return export_secret_key(session, fpr, key_data, size);
}

PEP_STATUS send_key(PEP_SESSION session, const char* pattern) {
    // Key servers are not asked; the engine 3.3 has no more behind these two.
    return session == nullptr || missing(pattern) ? PEP_ILLEGAL_VALUE : PEP_UNKNOWN_ERROR;
}

PEP_STATUS recv_key(PEP_SESSION session, const char* pattern) { return send_key(session, pattern); }

PEP_STATUS find_keys(PEP_SESSION session, const char* pattern, stringlist_t** keylist) {
    if (keylist != nullptr)
        *keylist = nullptr;
    if (session == nullptr || missing(pattern) || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out(
            with_keys(*session, [&](KeyRing& keys) { return keys.find(pattern, Which::all); }),
            keylist
        );
    });
}

PEP_STATUS get_key_rating(PEP_SESSION session, const char* fpr, PEP_comm_type* comm_type) {
    if (comm_type != nullptr)
        *comm_type = PEP_ct_unknown;
    if (session == nullptr || missing(fpr) || comm_type == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // What the key says of itself, whatever the user thinks of it.
        auto rating = with_keys(*session, [&](KeyRing& keys) { return keys.rating(fpr); });
        return c_api::hand_out_value(std::move(rating), comm_type);
    });
}

PEP_STATUS renew_key(PEP_SESSION session, const char* fpr, const timestamp* ts) {
    if (session == nullptr || missing(fpr) || ts == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(*session, [&](KeyRing& keys) {
            return keys.renew(fpr, timegm_with_gmtoff(ts), passphrase_of(*session));
        });
    });
}

PEP_STATUS revoke_key(PEP_SESSION session, const char* fpr, const char* reason) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(*session, [&](KeyRing& keys) {
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
        auto answer = with_keys(*session, [&](KeyRing& keys) { return keys.expired(fpr, when); });
        return c_api::hand_out_value(std::move(answer), expired);
    });
}

PEP_STATUS key_revoked(PEP_SESSION session, const char* fpr, bool* revoked) {
    if (revoked != nullptr)
        *revoked = false;
    if (session == nullptr || missing(fpr) || revoked == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // By the certificate, not by the table of keys that were replaced.
        auto answer = with_keys(*session, [&](KeyRing& keys) { return keys.revoked(fpr); });
        return c_api::hand_out_value(std::move(answer), revoked);
    });
}

PEP_STATUS probe_encrypt(PEP_SESSION session, const char* fpr) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return with_keys(*session, [&](KeyRing& keys) {
            return keys.probe(fpr, passphrase_of(*session));
        });
    });
}
