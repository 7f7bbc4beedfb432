// C API: ratings of messages, and what else can be asked about one.
#include "engine/c_api/output.hpp"
#include "engine/message_rerate.hpp"
#include "engine/ratings.hpp"

using namespace pep::engine;
using pep::Expected;

namespace {

/// Rate an outgoing message one way or the other.
template <class Rate>
PEP_STATUS rate_with(Rate rate, PEP_SESSION session, const message* msg, PEP_rating* rating) {
    if (rating != nullptr)
        *rating = PEP_rating_undefined;
    if (session == nullptr || msg == nullptr || rating == nullptr || msg->dir != PEP_dir_outgoing)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return c_api::hand_out_value(rate(*session, *msg), rating); });
}

} // namespace

PEP_STATUS outgoing_message_rating(PEP_SESSION session, message* msg, PEP_rating* rating) {
    return rate_with(rate_outgoing, session, msg, rating);
}

PEP_STATUS sent_message_rating(PEP_SESSION session, message* msg, PEP_rating* rating) {
    // The engine 3.3 makes no difference either.
    return outgoing_message_rating(session, msg, rating);
}

PEP_STATUS outgoing_message_rating_preview(PEP_SESSION session, message* msg, PEP_rating* rating) {
    return rate_with(rate_preview, session, msg, rating);
}

PEP_STATUS identity_rating(PEP_SESSION session, pEp_identity* ident, PEP_rating* rating) {
    if (rating != nullptr)
        *rating = PEP_rating_undefined;
    if (session == nullptr || ident == nullptr || rating == nullptr || missing(ident->address))
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return c_api::hand_out_value(rate_identity(*session, *ident), rating); });
}

PEP_STATUS re_evaluate_message_rating(
    PEP_SESSION session,
    message* msg,
    stringlist_t* x_keylist,
    PEP_rating x_enc_status,
    PEP_rating* rating
) {
    if (rating != nullptr)
        *rating = PEP_rating_undefined;
    // Undefined is allowed: then the message's own header fields say what it was.
    const bool known =
        x_enc_status >= PEP_rating_under_attack && x_enc_status <= PEP_rating_fully_anonymous;
    if (session == nullptr || msg == nullptr || rating == nullptr || !known)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out_value(rate_again(*session, *msg, x_keylist, x_enc_status), rating);
    });
}

PEP_STATUS get_message_trustwords(
    PEP_SESSION session,
    message* msg,
    stringlist_t* keylist,
    pEp_identity* received_by,
    const char* lang,
    char** words,
    bool full
) {
    if (words != nullptr)
        *words = nullptr;
    if (session == nullptr || msg == nullptr || received_by == nullptr ||
        missing(received_by->address) || missing(lang) || words == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out(
            message_trustwords(*session, *msg, keylist, *received_by, lang, full), words
        );
    });
}

PEP_STATUS get_key_ids(PEP_SESSION session, message* msg, stringlist_t** keylist) {
    if (keylist != nullptr)
        *keylist = nullptr;
    if (session == nullptr || msg == nullptr || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] { return c_api::hand_out(key_ids_of(*msg), keylist); });
}
