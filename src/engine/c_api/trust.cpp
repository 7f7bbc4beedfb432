// C API: the user's decisions about keys.
#include "engine/trust.hpp"

#include "engine/c_api/output.hpp"
#include "engine/identities.hpp"
#include "pEp/keymanagement.h"
#include "pEp/message_api.h"

using namespace pep::engine;
using pep::Expected;

PEP_STATUS get_trust(PEP_SESSION session, pEp_identity* identity) {
    if (session == nullptr || identity == nullptr || missing(identity->user_id) ||
        missing(identity->fpr))
        return PEP_ILLEGAL_VALUE;
    // Nothing that was in the struct may be taken for an answer.
    identity->comm_type = PEP_ct_unknown;
    return guard([&]() -> Expected<void> {
        auto trust = find_trust(*session, identity->user_id, identity->fpr);
        if (!trust)
            return fail(trust);
        if (!*trust)
            return fail(PEP_CANNOT_FIND_IDENTITY, "this user has no trust in the key");
        identity->comm_type = **trust;
        return {};
    });
}

PEP_STATUS least_trust(PEP_SESSION session, const char* fpr, PEP_comm_type* comm_type) {
    if (comm_type != nullptr)
        *comm_type = PEP_ct_unknown;
    if (session == nullptr || missing(fpr) || comm_type == nullptr)
        return PEP_ILLEGAL_VALUE;
    // Nobody's trust is no failure: unknown.
    return guard([&] { return c_api::hand_out_value(least_trust_of(*session, fpr), comm_type); });
}

PEP_STATUS mark_as_compromised(PEP_SESSION session, const char* fpr) {
    if (session == nullptr || missing(fpr))
        return PEP_ILLEGAL_VALUE;
    // Stored as mistrusted, as the engine 3.3 does; the list of mistrusted keys is left alone.
    return guard([&] { return distrust_everywhere(*session, fpr); });
}

PEP_STATUS mark_as_compromized(PEP_SESSION session, const char* fpr) {
    return mark_as_compromised(session, fpr);
}

PEP_STATUS get_key_rating_for_user(
    PEP_SESSION session, const char* user_id, const char* fpr, PEP_rating* rating
) {
    if (rating != nullptr)
        *rating = PEP_rating_undefined;
    if (session == nullptr || missing(user_id) || missing(fpr) || rating == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        // By trust alone: whether the key is still good is not asked.
        auto trust = find_trust(*session, user_id, fpr);
        if (!trust)
            return fail(trust);
        if (!*trust)
            return fail(PEP_CANNOT_FIND_IDENTITY, "this user has no trust in the key");
        if (**trust == PEP_ct_unknown)
            return fail(PEP_RECORD_NOT_FOUND, "nothing is known about the key");
        *rating = rating_from_comm_type(**trust);
        return {};
    });
}

PEP_STATUS trust_personal_key(PEP_SESSION session, pEp_identity* ident) {
    if (session == nullptr || c_api::incomplete(ident) || missing(ident->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return trust_personal_key(*session, *ident); });
}

PEP_STATUS trust_own_key(PEP_SESSION session, pEp_identity* ident) {
    if (session == nullptr || c_api::incomplete(ident) || missing(ident->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return trust_own_key(*session, *ident); });
}

PEP_STATUS key_mistrusted(PEP_SESSION session, pEp_identity* ident) {
    // The fingerprint will do: any key can be rejected, whoever has it.
    if (session == nullptr || ident == nullptr || missing(ident->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return mistrust_key(*session, *ident); });
}

PEP_STATUS key_reset_trust(PEP_SESSION session, pEp_identity* ident) {
    if (session == nullptr || c_api::incomplete(ident) || missing(ident->fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return reset_trust(*session, *ident); });
}
