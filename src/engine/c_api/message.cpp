// C API of messages: encrypt_message and decrypt_message (include/pEp/message_api.h).
#include "engine/guard.hpp"
#include "engine/message_decrypt.hpp"
#include "engine/message_encrypt.hpp"
#include "engine/message_encrypt_self.hpp"
#include "engine/owned.hpp"
#include "pEp/message_api.h"

using namespace pep::engine;

namespace {

stringlist_t* to_list(const std::vector<std::string>& texts) {
    OwnedStrings list;
    stringlist_t* last = nullptr;
    for (const std::string& text : texts) {
        last = stringlist_add(last, text.c_str());
        if (last == nullptr)
            throw std::bad_alloc{};
        if (!list)
            list.reset(last);
    }
    return list.release();
}

} // namespace

PEP_STATUS encrypt_message(
    PEP_SESSION session,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    if (dst != nullptr)
        *dst = nullptr;
    if (session == nullptr || src == nullptr || dst == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<PEP_STATUS> {
        OwnedMessage encrypted;
        auto status = encrypt(*session, *src, extra, encrypted, enc_format, flags);
        if (status)
            *dst = encrypted.release();
        return status;
    });
}

PEP_STATUS encrypt_message_for_self(
    PEP_SESSION session,
    pEp_identity* target_id,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    if (dst != nullptr)
        *dst = nullptr;
    if (session == nullptr || target_id == nullptr || src == nullptr || dst == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<void> {
        auto encrypted = encrypt_for_self(*session, *target_id, *src, extra, enc_format, flags);
        if (!encrypted)
            return fail(encrypted);
        *dst = encrypted->release();
        return {};
    });
}

PEP_STATUS encrypt_message_and_add_priv_key(
    PEP_SESSION session,
    message* src,
    message** dst,
    const char* to_fpr,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    if (dst != nullptr)
        *dst = nullptr;
    if (session == nullptr || src == nullptr || dst == nullptr || missing(to_fpr))
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<PEP_STATUS> {
        const std::string fpr = normalised_fpr(to_fpr);
        if (fpr.empty())
            return fail(PEP_ILLEGAL_VALUE, "no fingerprint");
        OwnedMessage encrypted;
        auto status = encrypt_with_own_key(*session, *src, fpr, encrypted, enc_format, flags);
        if (status)
            *dst = encrypted.release();
        return status;
    });
}

PEP_STATUS decrypt_message(
    PEP_SESSION session,
    message* src,
    message** dst,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
) {
    if (dst != nullptr)
        *dst = nullptr;
    const stringlist_t* extra = keylist != nullptr ? *keylist : nullptr; // stays the caller's
    if (keylist != nullptr)
        *keylist = nullptr;
    if (rating != nullptr)
        *rating = PEP_rating_undefined;
    if (flags != nullptr) // bits of the caller go in, bits of the result come out
        *flags &= PEP_decrypt_flag_untrusted_server | PEP_decrypt_flag_dont_trigger_sync;
    if (session == nullptr || src == nullptr || dst == nullptr || keylist == nullptr ||
        rating == nullptr || flags == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<PEP_STATUS> {
        auto decrypted = decrypt(*session, *src, extra, *flags);
        if (!decrypted)
            return fail(decrypted);
        *keylist = to_list(decrypted->keylist);
        *dst = decrypted->msg.release();
        *rating = decrypted->rating;
        *flags |= decrypted->flags;
        return decrypted->status;
    });
}
