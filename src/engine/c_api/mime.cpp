// C API: messages to and from MIME text.
#include "pEp/mime.h"

#include "engine/guard.hpp"
#include "engine/mime_codec.hpp"
#include "engine/structs/alloc.hpp"

using namespace pep::engine;

PEP_STATUS mime_encode_message(
    PEP_SESSION session, const message* msg, bool omit_fields, char** mimetext, bool has_pEp_msg
) {
    if (mimetext != nullptr)
        *mimetext = nullptr;
    if (session == nullptr || msg == nullptr || mimetext == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<void> {
        auto text = encode_mime(*msg, omit_fields, has_pEp_msg);
        if (!text)
            return fail(text);
        *mimetext = structs::copy_bytes(text->data(), text->size());
        if (*mimetext == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "out of memory");
        return {};
    });
}

PEP_STATUS mime_decode_message(
    PEP_SESSION session,
    const char* mimetext,
    size_t size,
    message** msg,
    bool* has_possible_pEp_msg
) {
    if (msg != nullptr)
        *msg = nullptr;
    if (has_possible_pEp_msg != nullptr)
        *has_possible_pEp_msg = false;
    if (session == nullptr || mimetext == nullptr || size == 0 || msg == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<void> {
        auto decoded = decode_mime({mimetext, size});
        if (!decoded)
            return fail(decoded);
        if (has_possible_pEp_msg != nullptr)
            *has_possible_pEp_msg = decoded->has_possible_pep_msg;
        *msg = decoded->msg.release();
        return {};
    });
}
