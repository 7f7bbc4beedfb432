// Engine calls on messages as several functions of the table make them.
#pragma once

#include "api/types/message.hpp"
#include "pEp/message_api.h"

namespace pep::api {

/// decrypt_message, but the caller owns what is in *keylist before and after: the engine puts its
/// own list in place of the one it is given, without freeing that.
inline PEP_STATUS decrypt(
    PEP_SESSION session,
    message* src,
    message** dst,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
) {
    const marshal::Owned<stringlist_t> given{*keylist};
    const auto status = decrypt_message(session, src, dst, keylist, rating, flags);
    if (*keylist == given.get())
        *keylist = nullptr;
    return status;
}

} // namespace pep::api
