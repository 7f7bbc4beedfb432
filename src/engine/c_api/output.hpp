// Handing results over to C: copies from the malloc family, all or nothing.
#pragma once

#include "base/expected.hpp"
#include "engine/guard.hpp"
#include "engine/structs/alloc.hpp"
#include "pEp/identity_list.h"
#include "pEp/pEpEngine.h"

#include <string_view>

namespace pep::engine::c_api {

/// `*out` becomes a copy for the caller, `*size` (may be null) its length without the NUL behind
/// it.
[[nodiscard]] inline Expected<void>
hand_out(std::string_view text, char** out, std::size_t* size = nullptr) {
    char* copy = structs::copy_bytes(text.data(), text.size());
    if (copy == nullptr)
        return fail(PEP_OUT_OF_MEMORY, "no memory for a result");
    *out = copy;
    if (size != nullptr)
        *size = text.size();
    return {};
}

/// The same for what an Expected holds.
[[nodiscard]] inline Expected<void>
hand_out(Expected<std::string> text, char** out, std::size_t* size = nullptr) {
    if (!text)
        return fail(text);
    return hand_out(std::string_view{*text}, out, size);
}

/// `*out` becomes a copied value.
template <class T, class U>
[[nodiscard]] Expected<void> hand_out_value(Expected<U> value, T* out) {
    if (!value)
        return fail(value);
    *out = static_cast<T>(*value);
    return {};
}

/// Does the identity lack address or user id?
[[nodiscard]] inline bool incomplete(const pEp_identity* identity) {
    return identity == nullptr || missing(identity->address) || missing(identity->user_id);
}

using IdentityOwner = structs::Owner<pEp_identity, &free_identity>;
using IdentityListOwner = structs::Owner<identity_list, &free_identity_list>;
using StringlistOwner = structs::Owner<stringlist_t, &free_stringlist>;

} // namespace pep::engine::c_api
