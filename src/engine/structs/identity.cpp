// Identities as values and lists of them (include/pEp/pEpEngine.h, identity_list.h).
#include "engine/structs/alloc.hpp"
#include "pEp/identity_list.h"

using namespace pep::engine::structs;

namespace {

using OwnedIdentity = Owner<pEp_identity, free_identity>;
using OwnedList = Owner<identity_list, free_identity_list>;

bool is_empty(const identity_list& node) { return node.ident == nullptr; }

} // namespace

// NULL members stay NULL, which says unknown; "" is kept as it is.
pEp_identity*
new_identity(const char* address, const char* fpr, const char* user_id, const char* username) {
    OwnedIdentity identity{make_zeroed<pEp_identity>()};
    if (!identity || !copy_text(identity->address, address) || !copy_text(identity->fpr, fpr) ||
        !copy_text(identity->user_id, user_id) || !copy_text(identity->username, username))
        return nullptr;
    return identity.release();
}

pEp_identity* identity_dup(const pEp_identity* src) {
    if (src == nullptr)
        return nullptr;
    pEp_identity* copy = new_identity(src->address, src->fpr, src->user_id, src->username);
    if (copy == nullptr)
        return nullptr;
    // Everything is copied at once, so that no member can be forgotten; the strings are put back.
    const pEp_identity strings = *copy;
    *copy = *src;
    copy->address = strings.address;
    copy->fpr = strings.fpr;
    copy->user_id = strings.user_id;
    copy->username = strings.username;
    return copy;
}

void free_identity(pEp_identity* identity) {
    if (identity == nullptr)
        return;
    std::free(identity->address);
    std::free(identity->fpr);
    std::free(identity->user_id);
    std::free(identity->username);
    std::free(identity);
}

// Takes the identity over, but not when it fails. NULL gives an empty list.
identity_list* new_identity_list(pEp_identity* ident) {
    auto* list = make_zeroed<identity_list>();
    if (list != nullptr)
        list->ident = ident;
    return list;
}

identity_list* identity_list_dup(const identity_list* src) {
    OwnedList copy;
    identity_list* tail = nullptr;
    for (; src != nullptr; src = src->next) {
        // Empty nodes are copied, too: the list has as many nodes as before.
        OwnedIdentity ident{identity_dup(src->ident)};
        if (src->ident != nullptr && !ident)
            return nullptr;
        identity_list* node = new_identity_list(ident.get());
        if (node == nullptr)
            return nullptr;
        (void)ident.release();
        if (tail == nullptr)
            copy.reset(node);
        else
            tail->next = node;
        tail = node;
    }
    return copy.release();
}

identity_list* identity_list_add(identity_list* id_list, pEp_identity* ident) {
    // With NULL this is the empty list, hence no failure.
    if (id_list == nullptr)
        return new_identity_list(ident);
    if (ident == nullptr)
        return nullptr;
    if (id_list->ident == nullptr) {
        // An empty node is a list only when it is alone.
        if (id_list->next != nullptr)
            return nullptr;
        id_list->ident = ident;
        return id_list;
    }
    // The new node, from which the caller may go on adding without a search.
    return last_node(id_list)->next = new_identity_list(ident);
}

identity_list* identity_list_join(identity_list* first, identity_list* second) {
    if (first == nullptr)
        return second;
    if (second != nullptr && second != first)
        // Nodes change hands, nothing is copied: `second` must not be used or freed from here on.
        hang_behind(first, second, is_empty, [](identity_list& to, identity_list& from) {
            to.ident = from.ident;
        });
    return first;
}

int identity_list_length(const identity_list* id_list) {
    int length = 0;
    // Ends at the first empty node, as the engine 3.3 counts.
    for (; id_list != nullptr && id_list->ident != nullptr; id_list = id_list->next)
        ++length;
    return length;
}

void free_identity_list(identity_list* id_list) {
    while (id_list != nullptr) {
        identity_list* next = id_list->next;
        free_identity(id_list->ident);
        std::free(id_list);
        id_list = next;
    }
}
