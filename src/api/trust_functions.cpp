// Trust: what the user decided about a partner's key.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/trust.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/keymanagement.h"

namespace pep::api {

namespace {

using namespace rpc;

/// key_mistrusted, and what undo_last_mistrust needs to know.
PEP_STATUS mistrust(PEP_SESSION session, Context* context, pEp_identity* ident) {
    marshal::Owned<pEp_identity> before{identity_dup(ident)};
    if (before == nullptr)
        return key_mistrusted(session, ident);
    // No trust so far is fine: the undoing then leaves the key unconfirmed.
    if (get_trust(session, before.get()) != PEP_STATUS_OK)
        before->comm_type = PEP_ct_unknown;
    const auto status = key_mistrusted(session, ident);
    if (status == PEP_STATUS_OK)
        context->notes.last_mistrusted = std::move(before);
    return status;
}

/// The original, too, remembers the last one of a session only. Forgotten when it is undone: what
/// failed half-way (the key unconfirmed instead of mistrusted) can be repeated.
PEP_STATUS undo_last_mistrust(PEP_SESSION session, Context* context) {
    auto& before = context->notes.last_mistrusted;
    if (before == nullptr)
        return PEP_CANNOT_FIND_IDENTITY;
    // Resetting gives the trust the key itself deserves, which is never confirmed.
    const bool was_confirmed = (before->comm_type & PEP_ct_confirmed) != 0;
    auto status = key_reset_trust(session, before.get());
    if (status == PEP_STATUS_OK && was_confirmed)
        status = trust_personal_key(session, before.get());
    if (status == PEP_STATUS_OK)
        before.reset();
    return status;
}

constexpr FunctionMap functions{
    "Trust",
    function<&get_trust>(
        "get_trust",
        "The trust stored for a user and a key.",
        Session{},
        InOut{"identity", "with user_id and fpr; comes back with comm_type"}
    )
        .with(retry_passphrases)
        .example(examples::get_trust),
    function<&least_trust>(
        "least_trust",
        "The lowest trust anybody's use of a key has.",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"comm_type", "the trust; PEP_ct_unknown if nobody uses it"}
    )
        .with(retry_passphrases)
        .example(examples::least_trust),
    function<&trust_personal_key>(
        "trust_personal_key",
        "The trustwords were compared and agree: confirm the partner's key.",
        Session{},
        In{"ident", "partner with address, user_id and fpr"}
    )
        .with(retry_passphrases)
        .example(examples::trust_personal_key),
    function<&trust_own_key>(
        "trust_own_key",
        "Confirm a key of the user.",
        Session{},
        In{"ident", "own identity with address, user_id and fpr"}
    )
        .with(retry_passphrases)
        .example(examples::trust_own_key),
    // Enough is the fingerprint; but only with address and user_id can it be taken back.
    function<&mistrust>(
        "key_mistrusted",
        "The trustwords differ: never use this key again. An own key is revoked.",
        Session{},
        Self{},
        In{"ident", "identity with fpr"}
    )
        .with(retry_passphrases)
        .example(examples::key_mistrusted),
    function<&key_reset_trust>(
        "key_reset_trust",
        "Undo trust_personal_key or key_mistrusted.",
        Session{},
        In{"ident", "partner with address, user_id and fpr"}
    )
        .with(retry_passphrases)
        .example(examples::key_reset_trust),
    function<&undo_last_mistrust>(
        "undo_last_mistrust",
        "Undo the last key_mistrusted of this connection. New clients use key_reset_trust.",
        Session{},
        Self{}
    )
        .with(retry_passphrases)
        .alias("undo_last_mitrust")
        .legacy_only(),
    // Misspelt on the wire.
    function<&mark_as_compromised>(
        "mark_as_comprimized",
        "A key is in foreign hands: nobody's use of it is trusted any more.",
        Session{},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases)
        .example(examples::mark_as_comprimized),
};

} // namespace

MapView trust_functions() { return functions; }

} // namespace pep::api
