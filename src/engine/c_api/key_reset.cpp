// C API: key reset (include/pEp/key_reset.h).
#include "pEp/key_reset.h"

#include "engine/c_api/output.hpp"
#include "engine/key_reset.hpp"

using namespace pep::engine;

namespace {

/// NULL and "" mean the same: no fingerprint, but all keys or the default one.
std::string text_or_none(const char* text) { return missing(text) ? std::string{} : text; }

} // namespace

PEP_STATUS key_reset_identity(PEP_SESSION session, pEp_identity* ident, const char* fpr) {
    if (session == nullptr || c_api::incomplete(ident))
        return PEP_ILLEGAL_VALUE;
    // Of an own identity: a new key is made, and contacts are told by mail.
    return guard([&] { return reset_key_of_identity(*session, *ident, text_or_none(fpr)); });
}

PEP_STATUS key_reset_user(PEP_SESSION session, const char* user_id, const char* fpr) {
    if (session == nullptr || missing(user_id))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return reset_key_of_user(*session, user_id, text_or_none(fpr)); });
}

PEP_STATUS key_reset_all_own_keys(PEP_SESSION session) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return reset_all_own_keys(*session); });
}

PEP_STATUS key_reset_own_grouped_keys(PEP_SESSION session) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return reset_own_grouped_keys(*session); });
}
