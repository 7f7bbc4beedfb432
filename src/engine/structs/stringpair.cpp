// Pairs of strings and lists of them (include/pEp/stringpair.h).
#include "pEp/stringpair.h"

#include "base/text.hpp"
#include "engine/structs/alloc.hpp"

#include <utility>

using namespace pep::engine::structs;

namespace {

using OwnedPair = Owner<stringpair_t, free_stringpair>;
using OwnedList = Owner<stringpair_list_t, free_stringpair_list>;

bool is_empty(const stringpair_list_t& node) { return node.value == nullptr; }

/// First node whose key satisfies `matches`.
template <class Matches>
stringpair_list_t* find_key(stringpair_list_t* list, Matches matches) {
    for (; list != nullptr; list = list->next)
        if (list->value != nullptr && list->value->key != nullptr && matches(list->value->key))
            return list;
    return nullptr;
}

} // namespace

// NULL becomes "": readers need not check the members of a pair.
stringpair_t* new_stringpair(const char* key, const char* value) {
    OwnedPair pair{make_zeroed<stringpair_t>()};
    if (!pair || !copy_text(pair->key, key != nullptr ? key : "") ||
        !copy_text(pair->value, value != nullptr ? value : ""))
        return nullptr;
    return pair.release();
}

stringpair_t* stringpair_dup(const stringpair_t* src) {
    return src != nullptr ? new_stringpair(src->key, src->value) : nullptr;
}

void free_stringpair(stringpair_t* pair) {
    if (pair == nullptr)
        return;
    std::free(pair->key);
    std::free(pair->value);
    std::free(pair);
}

stringpair_list_t* new_stringpair_list(stringpair_t* value) {
    auto* list = make_zeroed<stringpair_list_t>();
    if (list != nullptr)
        list->value = value;
    return list;
}

stringpair_list_t* stringpair_list_dup(const stringpair_list_t* src) {
    OwnedList copy;
    stringpair_list_t* tail = nullptr;
    for (; src != nullptr; src = src->next) {
        // Empty nodes are copied, too.
        OwnedPair pair{stringpair_dup(src->value)};
        if (src->value != nullptr && !pair)
            return nullptr;
        stringpair_list_t* node = new_stringpair_list(pair.get());
        if (node == nullptr)
            return nullptr;
        (void)pair.release();
        if (tail == nullptr)
            copy.reset(node);
        else
            tail->next = node;
        tail = node;
    }
    return copy.release();
}

stringpair_list_t* stringpair_list_add(stringpair_list_t* list, stringpair_t* value) {
    // On failure the pair stays the caller's, who has to free it.
    if (value == nullptr)
        return nullptr;
    if (list == nullptr)
        return new_stringpair_list(value);
    if (list->value == nullptr) {
        // An empty node is a list only when it is alone.
        if (list->next != nullptr)
            return nullptr;
        list->value = value;
        return list;
    }
    // The new node, from which the caller may go on adding without a search.
    return last_node(list)->next = new_stringpair_list(value);
}

stringpair_list_t* stringpair_list_append(stringpair_list_t* list, stringpair_list_t* second) {
    if (list == nullptr)
        return nullptr;
    // Nothing to append is no failure.
    if (second == nullptr || second->value == nullptr)
        return list;
    if (list->value == nullptr && list->next != nullptr)
        return nullptr;
    // A copy, made before the list changes: both may be the same.
    stringpair_list_t* copy = stringpair_list_dup(second);
    if (copy == nullptr)
        return nullptr;
    return hang_behind(list, copy, is_empty, [](stringpair_list_t& to, stringpair_list_t& from) {
        to.value = from.value;
    });
}

int stringpair_list_length(const stringpair_list_t* list) {
    int length = 0;
    // Ends at the first empty node, as the engine 3.3 counts.
    for (; list != nullptr && list->value != nullptr; list = list->next)
        ++length;
    return length;
}

stringpair_list_t* stringpair_list_find(stringpair_list_t* list, const char* key) {
    if (key == nullptr)
        return nullptr;
    return find_key(list, [key](const char* present) { return std::strcmp(present, key) == 0; });
}

stringpair_list_t* stringpair_list_find_case_insensitive(stringpair_list_t* list, const char* key) {
    if (key == nullptr)
        return nullptr;
    // For names of header fields: ASCII only, whatever the locale.
    return find_key(list, [key](const char* present) { return pep::iequals(present, key); });
}

stringpair_list_t* stringpair_list_delete_by_key(stringpair_list_t* list, const char* key) {
    stringpair_list_t* gone = stringpair_list_find(list, key);
    if (gone == nullptr)
        return list;
    // The link to it may be the list itself: then the next node becomes the head.
    stringpair_list_t** link = &list;
    while (*link != gone)
        link = &(*link)->next;
    // Cut off, or the rest of the list would be freed with it.
    *link = std::exchange(gone->next, nullptr);
    free_stringpair_list(gone);
    return list;
}

void free_stringpair_list(stringpair_list_t* list) {
    while (list != nullptr) {
        stringpair_list_t* next = list->next;
        free_stringpair(list->value);
        std::free(list);
        list = next;
    }
}
