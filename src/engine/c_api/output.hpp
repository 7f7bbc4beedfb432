// Handing results over to C: copies from the malloc family, all or nothing.
#pragma once

#include "base/expected.hpp"
#include "engine/guard.hpp"
#include "engine/structs/alloc.hpp"
#include "pEp/identity_list.h"
#include "pEp/pEpEngine.h"

#include <string>
#include <string_view>
#include <vector>

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

/// A list of copies; no values give NULL.
[[nodiscard]] inline Expected<StringlistOwner> string_list(const std::vector<std::string>& values) {
    StringlistOwner list;
    stringlist_t* last = nullptr; // appending to the last node keeps this linear
    for (const auto& value : values) {
        last = stringlist_add(last, value.c_str());
        if (last == nullptr)
            return fail(PEP_OUT_OF_MEMORY, "no memory for a list");
        if (!list)
            list.reset(last);
    }
    return list;
}

/// `*out` becomes such a list.
[[nodiscard]] inline Expected<void>
hand_out(Expected<std::vector<std::string>> values, stringlist_t** out) {
    if (!values)
        return fail(values);
    auto list = string_list(*values);
    if (!list)
        return fail(list);
    *out = list->release();
    return {};
}

} // namespace pep::engine::c_api
