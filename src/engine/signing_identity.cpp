// A key ring holds many keys, and anybody can mail one: a good signature says nothing here until it
// is known whose it is.
#include "engine/signing_identity.hpp"

#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"
#include "pEp/signature.h"

#include <algorithm>

namespace pep::engine {

namespace {

/// Fingerprint of the signing key, made if need be.
Expected<std::string> signing_key(pEp_session_& session) {
    return run_rule(session, [](const Scope& scope) -> Expected<std::string> {
        Identity signer;
        signer.address = PEP_SIGNING_IDENTITY_ADDRESS;
        signer.username = "Signing Identity";
        // Flagged before its key is made: that one gets no passphrase and no expiry then.
        signer.flags = PEP_idf_signing | PEP_idf_not_for_sync;
        auto own = scope.store->own_user_id();
        if (!own)
            return fail(own);
        signer.user_id = *own;
        auto status = own_rule(scope, signer, Generate::yes, Renew::no);
        if (!status)
            return fail(status);
        if (*status != PEP_STATUS_OK)
            return fail(*status, "there is no key to sign with");
        return signer.fpr;
    });
}

/// The same, "" when nothing was ever signed here.
Expected<std::string> known_signing_key(pEp_session_& session) {
    return look_up(session, [](const Scope& scope) -> Expected<std::string> {
        auto own = scope.store->own_user_id();
        if (!own)
            return own;
        // Verifying must not make an identity; and a partner may have this address, too.
        auto row = scope.store->identity(PEP_SIGNING_IDENTITY_ADDRESS, *own);
        if (!row)
            return fail(row);
        const bool ours = *row && (*row)->own && ((*row)->flags & PEP_idf_signing) != 0;
        return ours ? (*row)->fpr : std::string{};
    });
}

} // namespace

Expected<std::string> sign_here(pEp_session_& session, std::string_view text) {
    auto fpr = signing_key(session);
    if (!fpr)
        return fpr;
    return with_keys(session, [&](KeyRing& keys) {
        return keys.sign_detached(text, *fpr, passphrase_of(session));
    });
}

Expected<PEP_STATUS>
verify_here(pEp_session_& session, std::string_view text, std::string_view signature) {
    auto ours = known_signing_key(session);
    if (!ours)
        return fail(ours);
    // The signature is judged in any case: a changed text is told apart from a foreign signer.
    auto verified =
        with_keys(session, [&](KeyRing& keys) { return keys.verify_detached(text, signature); });
    if (!verified)
        return fail(verified);
    if (verified->status == PEP_UNENCRYPTED) // the signer's key is not even here
        return PEP_VERIFY_NO_KEY;
    if (verified->status != PEP_VERIFIED)
        return verified->status;
    const auto& signers = verified->keylist;
    // Without a key of ours nothing can be by us, whoever signed.
    const bool by_us =
        !ours->empty() && std::find(signers.begin(), signers.end(), *ours) != signers.end();
    return by_us ? PEP_VERIFIED : PEP_VERIFY_NO_KEY;
}

} // namespace pep::engine
