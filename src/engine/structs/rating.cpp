// Ratings: names, colours, and what a key's trust amounts to.
#include "pEp/message_api.h"

#include <string_view>
#include <utility>

namespace {

// Part of the format: mails carry them in X-EncStatus.
constexpr std::pair<PEP_rating, const char*> names[]{
    {PEP_rating_under_attack, "under_attack"},
    {PEP_rating_b0rken, "b0rken"},
    {PEP_rating_mistrust, "mistrust"},
    {PEP_rating_undefined, "undefined"},
    {PEP_rating_cannot_decrypt, "cannot_decrypt"},
    {PEP_rating_have_no_key, "have_no_key"},
    {PEP_rating_unencrypted, "unencrypted"},
    {PEP_rating_unreliable, "unreliable"},
    {PEP_rating_media_key_protected, "media_key_protected"},
    {PEP_rating_reliable, "reliable"},
    {PEP_rating_trusted, "trusted"},
    {PEP_rating_trusted_and_anonymized, "trusted_and_anonymized"},
    {PEP_rating_fully_anonymous, "fully_anonymous"},
};

} // namespace

PEP_color color_from_rating(PEP_rating rating) {
    // b0rken is negative, yet not red.
    if (rating == PEP_rating_b0rken || rating == PEP_rating_have_no_key)
        return PEP_color_no_color;
    if (rating < PEP_rating_undefined)
        return PEP_color_red;
    if (rating < PEP_rating_reliable)
        return PEP_color_no_color;
    return rating < PEP_rating_trusted ? PEP_color_yellow : PEP_color_green;
}

PEP_rating rating_from_comm_type(PEP_comm_type ct) {
    if (ct == PEP_ct_unknown)
        return PEP_rating_undefined;
    // Values that are no levels come first: all below is a comparison of numbers.
    if (ct == PEP_ct_key_not_found)
        return PEP_rating_have_no_key;
    if (ct == PEP_ct_compromised)
        return PEP_rating_under_attack;
    if (ct == PEP_ct_mistrusted)
        return PEP_rating_mistrust;
    if (ct == PEP_ct_no_encryption || ct == PEP_ct_no_encrypted_channel ||
        ct == PEP_ct_my_key_not_included)
        return PEP_rating_unencrypted;
    if (ct >= PEP_ct_confirmed_enc_anon)
        return PEP_rating_trusted_and_anonymized;
    if (ct >= PEP_ct_strong_encryption)
        return PEP_rating_trusted;
    // From 0x80 to 0xaf there are those below strong that were confirmed.
    if (ct >= PEP_ct_strong_but_unconfirmed && ct < PEP_ct_confirmed)
        return PEP_rating_reliable;
    // Expired, revoked, broken, short or weak: encrypted perhaps, but not safely.
    return PEP_rating_unreliable;
}

const char* rating_to_string(PEP_rating rating) {
    for (const auto& [value, name] : names)
        if (value == rating)
            return name;
    // C may pass any number.
    return "undefined";
}

PEP_rating string_to_rating(const char* rating) {
    // Mails never carry media_key_protected: the media key is the receiver's own business.
    if (rating == nullptr || std::string_view{rating} == "media_key_protected")
        return PEP_rating_undefined;
    for (const auto& [value, name] : names)
        if (std::string_view{rating} == name)
            return value;
    return PEP_rating_undefined;
}
