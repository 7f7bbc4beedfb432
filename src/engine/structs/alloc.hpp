// Memory of the C structures: always from the malloc family, because callers in C free it. Nothing
// here throws; out of memory is a null pointer or false, and owners clean up what was made so far.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

namespace pep::engine::structs {

template <auto Release>
struct Releaser {
    template <class T>
    void operator()(T* p) const noexcept {
        Release(p);
    }
};

/// Owns a C structure until release() hands it to the caller.
template <class T, auto Release>
using Owner = std::unique_ptr<T, Releaser<Release>>;

/// A zeroed T, or null.
template <class T>
[[nodiscard]] T* make_zeroed() noexcept {
    return static_cast<T*>(std::calloc(1, sizeof(T)));
}

/// Copy of `size` bytes with a NUL behind them, or null.
[[nodiscard]] inline char* copy_bytes(const char* bytes, std::size_t size) noexcept {
    if (size == static_cast<std::size_t>(-1))
        return nullptr;
    auto* copy = static_cast<char*>(std::malloc(size + 1));
    if (copy == nullptr)
        return nullptr;
    if (size != 0)
        std::memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

/// `to` becomes a copy of `from`, NULL of NULL; its old value is not freed. False when out of
/// memory.
[[nodiscard]] inline bool copy_text(char*& to, const char* from) noexcept {
    to = from != nullptr ? copy_bytes(from, std::strlen(from)) : nullptr;
    return from == nullptr || to != nullptr;
}

template <class Node>
[[nodiscard]] Node* last_node(Node* list) noexcept {
    while (list->next != nullptr)
        list = list->next;
    return list;
}

/// The list behind an `_append` or `_join`: `more` hung behind `list`, or moved into its empty
/// head. Returns the last node. `is_empty` tells whether a node has no payload.
template <class Node, class IsEmpty, class Move>
Node* hang_behind(Node* list, Node* more, IsEmpty is_empty, Move move_payload) noexcept {
    if (list->next == nullptr && is_empty(*list)) {
        move_payload(*list, *more);
        list->next = more->next;
        std::free(more);
        return last_node(list);
    }
    last_node(list)->next = more;
    return last_node(more);
}

} // namespace pep::engine::structs
