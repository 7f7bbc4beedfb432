// Ratings besides those that come with a message: of keys, of mail to be written, of mail read
// before.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/ratings.hpp"
#include "api/types/message.hpp"
#include "api/types/status.hpp"
#include "pEp/keymanagement.h"
#include "pEp/message_api.h"

namespace pep::api {

namespace {

using namespace rpc;

/// Is this identity a p≡p user's, or the user's own? The struct of the message stays as it is. No,
/// if the engine cannot tell.
bool uses_pep(PEP_SESSION session, const pEp_identity* identity) {
    const marshal::Owned<pEp_identity> copy{identity_dup(identity)};
    if (copy == nullptr)
        return false;
    if (copy->me)
        return true;
    // Without user id only the engine knows whose address it is. Its look-up may store a partner.
    const bool is_unknown = copy->user_id == nullptr || *copy->user_id == '\0';
    if (is_unknown && update_identity(session, copy.get()) != PEP_STATUS_OK)
        return false;
    bool pep = false;
    return copy->me || (is_pEp_user(session, copy.get(), &pep) == PEP_STATUS_OK && pep);
}

/// With the question whether all partners in To and Cc use p≡p. Bcc counts for the rating only, as
/// in the original.
PEP_STATUS
rate_with_partners(PEP_SESSION session, message* msg, PEP_rating* rating, bool* only_pEp_partners) {
    *only_pEp_partners = false;
    const auto status = outgoing_message_rating(session, msg, rating);
    if (status != PEP_STATUS_OK || *rating < PEP_rating_reliable)
        return status;
    for (const identity_list* list : {msg->to, msg->cc})
        for (; list != nullptr; list = list->next)
            if (list->ident != nullptr && !uses_pep(session, list->ident))
                return status;
    *only_pEp_partners = true;
    return status;
}

constexpr FunctionMap functions{
    "Ratings",
    function<&get_key_rating_for_user>(
        "get_key_rating_for_user",
        "The rating a key has for a user, by stored trust.",
        Session{},
        In{"user_id", "whose use of the key"},
        In{"fpr", "fingerprint"},
        Out{"rating", "the rating; undefined if nothing is stored"}
    )
        .with(retry_passphrases)
        .example(examples::get_key_rating_for_user),
    function<&outgoing_message_rating_preview>(
        "outgoing_message_rating_preview",
        "An estimate of outgoing_message_rating from stored trust: quick, changes nothing, may be "
        "out of date.",
        Session{},
        In{"msg", "outgoing message; sender and recipients are enough"},
        Out{"rating", "the estimate"}
    )
        .with(retry_passphrases)
        .example(examples::outgoing_message_rating_preview),
    function<&rate_with_partners>(
        "outgoing_message_rating_with_partner_info",
        "As outgoing_message_rating, and whether all partners use p≡p.",
        Session{},
        In{"msg", "outgoing message; sender and recipients are enough"},
        Out{"rating", "as outgoing_message_rating gives it"},
        Out{"only_pEp_partners",
            "true if the rating is reliable or better, and all of To and Cc use p≡p"}
    )
        .with(retry_passphrases)
        .example(examples::outgoing_message_rating_with_partner_info),
    function<&re_evaluate_message_rating>(
        "re_evaluate_message_rating",
        "Rate a decrypted message again, by what is known about its keys now.",
        Session{},
        InOut{"msg", "the message as decrypt_message gave it; comes back with the new rating"},
        In{"x_keylist", "keylist of decrypt_message; null: the field X-KeyList", nullable},
        In{"x_enc_status", "rating so far; undefined: the field X-EncStatus", nullable},
        Out{"rating", "the new rating"}
    )
        .with(retry_passphrases)
        .example(examples::re_evaluate_message_rating),
    function<&rate_with_partners>(
        "outgoing_message_rating_with_subject_info",
        "The former name of outgoing_message_rating_with_partner_info.",
        Session{},
        In{"msg", "outgoing message; sender and recipients are enough"},
        Out{"rating", "as outgoing_message_rating gives it"},
        Out{"only_pEp_partners",
            "true if the rating is reliable or better, and all of To and Cc use p≡p"}
    )
        .with(retry_passphrases)
        .legacy_only(),
    function<&outgoing_message_rating>(
        "outgoing_message_color",
        "The former name of outgoing_message_rating.",
        Session{},
        In{"msg", "outgoing message"},
        Out{"rating", "its rating"}
    )
        .with(retry_passphrases)
        .legacy_only(),
};

} // namespace

MapView rating_functions() { return functions; }

} // namespace pep::api
