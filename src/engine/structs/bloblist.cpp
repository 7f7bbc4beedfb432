// Attachments (include/pEp/bloblist.h).
#include "pEp/bloblist.h"

#include "engine/structs/alloc.hpp"

#include <string_view>

using namespace pep::engine::structs;

namespace {

using OwnedList = Owner<bloblist_t, free_bloblist>;

/// File names are like URIs: `cid://` names what the text shows by its content id.
content_disposition_type disposition_of(const char* filename) {
    return filename != nullptr && std::string_view{filename}.starts_with("cid://")
               ? PEP_CONTENT_DISP_INLINE
               : PEP_CONTENT_DISP_ATTACHMENT;
}

bool is_empty(const bloblist_t& node) { return node.value == nullptr; }

/// All of `from` but its successor; what `to` held is freed.
void move_payload(bloblist_t& to, bloblist_t& from) {
    std::free(to.mime_type);
    std::free(to.filename);
    bloblist_t* next = to.next;
    to = from;
    to.next = next;
}

} // namespace

bloblist_t* new_bloblist(char* blob, size_t size, const char* mime_type, const char* filename) {
    OwnedList node{make_zeroed<bloblist_t>()};
    if (!node || !copy_text(node->mime_type, mime_type) || !copy_text(node->filename, filename))
        return nullptr;
    node->disposition = disposition_of(filename);
    node->value = blob; // last: until here the blob is the caller's
    node->size = blob != nullptr ? size : 0;
    return node.release();
}

bloblist_t* bloblist_dup(const bloblist_t* src) {
    OwnedList copy;
    bloblist_t* tail = nullptr;
    for (; src != nullptr; src = src->next) {
        // By the name alone: as in the engine 3.3, disposition and deallocator are not copied.
        OwnedList node{new_bloblist(nullptr, 0, src->mime_type, src->filename)};
        if (!node)
            return nullptr;
        if (src->value != nullptr) {
            // With a NUL behind, which the size does not count.
            node->value = copy_bytes(src->value, src->size);
            if (node->value == nullptr)
                return nullptr;
            node->size = src->size;
        }
        if (tail == nullptr)
            copy = std::move(node);
        else
            tail->next = node.release();
        tail = tail == nullptr ? copy.get() : tail->next;
    }
    return copy.release();
}

bloblist_t* bloblist_add(
    bloblist_t* bloblist, char* blob, size_t size, const char* mime_type, const char* filename
) {
    if (bloblist == nullptr)
        return new_bloblist(blob, size, mime_type, filename);
    // On failure the blob stays the caller's.
    if (blob == nullptr || (bloblist->value == nullptr && bloblist->next != nullptr))
        return nullptr;
    bloblist_t* node = new_bloblist(blob, size, mime_type, filename);
    if (node == nullptr)
        return nullptr;
    // Bytes of one list come from one allocator.
    node->release_value = bloblist->release_value;
    return hang_behind(bloblist, node, is_empty, move_payload);
}

bloblist_t* bloblist_join(bloblist_t* first, bloblist_t* second) {
    if (first == nullptr)
        return second;
    if (second != nullptr && second != first)
        // Each node keeps its own deallocator; `second` must not be used or freed from here on.
        hang_behind(first, second, is_empty, move_payload);
    return first;
}

int bloblist_length(const bloblist_t* bloblist) {
    int length = 0;
    for (; bloblist != nullptr; bloblist = bloblist->next)
        // Unlike other lists, nodes without value are passed over.
        length += bloblist->value != nullptr ? 1 : 0;
    return length;
}

bloblist_t* find_blob_by_URI(bloblist_t* bloblist, const char* uri) {
    if (uri == nullptr)
        return nullptr;
    for (; bloblist != nullptr; bloblist = bloblist->next)
        if (bloblist->filename != nullptr && std::strcmp(bloblist->filename, uri) == 0)
            return bloblist;
    return nullptr;
}

void free_bloblist(bloblist_t* bloblist) {
    while (bloblist != nullptr) {
        bloblist_t* next = bloblist->next;
        // A deallocator of the caller's need not cope with NULL.
        if (bloblist->value != nullptr && bloblist->release_value != nullptr)
            bloblist->release_value(bloblist->value);
        else
            std::free(bloblist->value);
        std::free(bloblist->mime_type);
        std::free(bloblist->filename);
        std::free(bloblist);
        bloblist = next;
    }
}
