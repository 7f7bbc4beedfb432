// Lists of strings (include/pEp/stringlist.h).
#include "pEp/stringlist.h"

#include "engine/structs/alloc.hpp"

#include <string_view>
#include <utility>

using namespace pep::engine::structs;

namespace {

using OwnedList = Owner<stringlist_t, free_stringlist>;

/// `value` need not end with a NUL; NULL gives an empty node.
stringlist_t* new_node(const char* value, std::size_t length) {
    OwnedList node{make_zeroed<stringlist_t>()};
    if (!node)
        return nullptr;
    if (value != nullptr && (node->value = copy_bytes(value, length)) == nullptr)
        return nullptr;
    return node.release();
}

bool is_empty(const stringlist_t& node) { return node.value == nullptr; }

} // namespace

stringlist_t* new_stringlist(const char* value) {
    return new_node(value, value != nullptr ? std::strlen(value) : 0);
}

stringlist_t* stringlist_dup(const stringlist_t* src) {
    if (src == nullptr)
        return nullptr;
    OwnedList copy{new_stringlist(src->value)};
    stringlist_t* tail = copy.get();
    // Ends with tail null when a node could not be made; what there is then goes with `copy`.
    for (src = src->next; src != nullptr && tail != nullptr; src = src->next)
        tail = tail->next = new_stringlist(src->value);
    return tail != nullptr ? copy.release() : nullptr;
}

stringlist_t* stringlist_add(stringlist_t* stringlist, const char* value) {
    if (value == nullptr)
        return nullptr;
    if (stringlist == nullptr)
        return new_stringlist(value);
    if (stringlist->value == nullptr) {
        if (stringlist->next != nullptr)
            return nullptr; // not a list by our conventions
        // The empty head is filled, so the caller's pointer stays the list.
        return copy_text(stringlist->value, value) ? stringlist : nullptr;
    }
    // The new node, from which the caller may go on adding without a search.
    return last_node(stringlist)->next = new_stringlist(value);
}

stringlist_t* stringlist_add_unique(stringlist_t* stringlist, const char* value) {
    if (stringlist_t* present = stringlist_search(stringlist, value))
        return present;
    return stringlist_add(stringlist, value);
}

stringlist_t* stringlist_append(stringlist_t* stringlist, stringlist_t* second) {
    if (stringlist == nullptr)
        return nullptr;
    // Nothing to append is no failure.
    if (second == nullptr || second->value == nullptr)
        return stringlist;
    if (stringlist->value == nullptr && stringlist->next != nullptr)
        return nullptr;
    stringlist_t* copy = stringlist_dup(second); // first, so that appending a list to itself ends
    if (copy == nullptr)
        return nullptr;
    stringlist_t* last =
        hang_behind(stringlist, copy, is_empty, [](stringlist_t& to, stringlist_t& from) {
            to.value = from.value;
        });
    // The head here and the last node otherwise, as the engine 3.3 returns them.
    return second == stringlist ? stringlist : last;
}

int stringlist_length(const stringlist_t* stringlist) {
    int length = 0;
    // Ends at the first empty node, as the engine 3.3 counts.
    for (; stringlist != nullptr && stringlist->value != nullptr; stringlist = stringlist->next)
        ++length;
    return length;
}

stringlist_t* stringlist_delete(stringlist_t* stringlist, const char* value) {
    if (stringlist == nullptr || value == nullptr)
        return stringlist;
    // As in the engine 3.3, an empty list does not survive the call.
    if (stringlist->value == nullptr && stringlist->next == nullptr) {
        free_stringlist(stringlist);
        return nullptr;
    }
    // Over the links, so that the head is no special case.
    for (stringlist_t** link = &stringlist; *link != nullptr; link = &(*link)->next) {
        if ((*link)->value == nullptr || std::strcmp((*link)->value, value) != 0)
            continue;
        stringlist_t* gone = std::exchange(*link, (*link)->next);
        // Cut off, or the rest of the list would be freed with it.
        gone->next = nullptr;
        free_stringlist(gone);
        break;
    }
    return stringlist;
}

stringlist_t* stringlist_search(stringlist_t* stringlist, const char* value) {
    if (value == nullptr)
        return nullptr;
    for (; stringlist != nullptr; stringlist = stringlist->next)
        if (stringlist->value != nullptr && std::strcmp(stringlist->value, value) == 0)
            return stringlist;
    return nullptr;
}

void dedup_stringlist(stringlist_t* stringlist) {
    for (; stringlist != nullptr; stringlist = stringlist->next)
        // The first of equal ones stays. Quadratic: these lists are short.
        while (stringlist->value != nullptr &&
               stringlist_search(stringlist->next, stringlist->value))
            stringlist->next = stringlist_delete(stringlist->next, stringlist->value);
}

char* stringlist_to_string(const stringlist_t* list) {
    if (list == nullptr)
        return nullptr;
    // For the NUL; each value is counted with a comma, one too many.
    std::size_t size = 1;
    for (const auto* node = list; node != nullptr && node->value != nullptr; node = node->next)
        size += std::strlen(node->value) + 1;
    auto* joined = static_cast<char*>(std::malloc(size));
    if (joined == nullptr)
        return nullptr;
    char* at = joined;
    for (const auto* node = list; node != nullptr && node->value != nullptr; node = node->next) {
        if (node != list)
            *at++ = ',';
        const std::size_t length = std::strlen(node->value);
        std::memcpy(at, node->value, length);
        at += length;
    }
    *at = '\0';
    return joined;
}

stringlist_t* string_to_stringlist(const char* str) {
    if (str == nullptr)
        return nullptr;
    std::string_view rest{str};
    // "" is the empty list, not a list of one empty text.
    if (rest.empty())
        return new_stringlist(nullptr);
    OwnedList list;
    stringlist_t* tail = nullptr;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        more = comma != std::string_view::npos;
        // Two commas in a row enclose an empty text, which is kept.
        stringlist_t* node = new_node(rest.data(), more ? comma : rest.size());
        if (node == nullptr)
            return nullptr;
        if (tail == nullptr)
            list.reset(node);
        else
            tail->next = node;
        tail = node;
        rest.remove_prefix(more ? comma + 1 : rest.size());
    }
    return list.release();
}

void free_stringlist(stringlist_t* stringlist) {
    while (stringlist != nullptr) {
        stringlist_t* next = stringlist->next;
        std::free(stringlist->value);
        std::free(stringlist);
        stringlist = next;
    }
}
