// Owners for the C structures of include/pEp: memory goes with the scope, and release() marks where
// the C API hands it over. The engine's own code is C++ and reports a failed allocation as
// std::bad_alloc.
#pragma once

#include "pEp/message.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace pep::engine {

template <auto Release>
struct Releases {
    template <class T>
    void operator()(T* p) const noexcept {
        Release(p);
    }
};

using OwnedIdentity = std::unique_ptr<pEp_identity, Releases<free_identity>>;
using OwnedIdentities = std::unique_ptr<identity_list, Releases<free_identity_list>>;
using OwnedStrings = std::unique_ptr<stringlist_t, Releases<free_stringlist>>;
using OwnedPairs = std::unique_ptr<stringpair_list_t, Releases<free_stringpair_list>>;
using OwnedBlobs = std::unique_ptr<bloblist_t, Releases<free_bloblist>>;

/// A string or blob of the C API, from malloc.
using OwnedChars = std::unique_ptr<char, Releases<pEp_free>>;

/// A copy with a NUL behind it, which the size does not count.
[[nodiscard]] inline OwnedChars copy_chars(std::string_view bytes) {
    OwnedChars copy{static_cast<char*>(std::malloc(bytes.size() + 1))};
    if (!copy)
        throw std::bad_alloc{};
    if (!bytes.empty())
        std::memcpy(copy.get(), bytes.data(), bytes.size());
    copy.get()[bytes.size()] = '\0';
    return copy;
}

/// A member of a C structure gets a copy of `text`; what it held is freed. `text` may lie in it.
inline void assign(char*& member, std::string_view text) {
    OwnedChars copy = copy_chars(text);
    std::free(member);
    member = copy.release();
}

/// Deep copy of what may be NULL: `duplicate(list, identity_list_dup)`.
template <class T>
[[nodiscard]] T* duplicate(const T* from, T* (*dup)(const T*)) {
    T* copy = dup(from);
    if (from != nullptr && copy == nullptr)
        throw std::bad_alloc{};
    return copy;
}

/// A C string as a view; NULL is empty.
[[nodiscard]] inline std::string_view view(const char* text) {
    return text != nullptr ? std::string_view{text} : std::string_view{};
}

/// A list of one attachment whose bytes are copied.
[[nodiscard]] inline OwnedBlobs
make_blob(std::string_view bytes, const char* mime_type, const char* filename) {
    OwnedChars copy = copy_chars(bytes);
    OwnedBlobs node{new_bloblist(copy.get(), bytes.size(), mime_type, filename)};
    if (!node)
        throw std::bad_alloc{};
    static_cast<void>(copy.release()); // the node has it now
    return node;
}

/// Hang `more` behind `list`. Not bloblist_add: a node it adds inherits the list's deallocator,
/// which need not fit our bytes.
inline void append(bloblist_t*& list, OwnedBlobs more) {
    list = bloblist_join(list, more.release());
}

inline void append(OwnedBlobs& list, OwnedBlobs more) {
    list.reset(bloblist_join(list.release(), more.release()));
}

} // namespace pep::engine
