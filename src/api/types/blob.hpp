// Attachments on the wire: base64 contents with a MIME type and a URI as name.
#pragma once

#include "marshal/lists.hpp"
#include "pEp/bloblist.h"

namespace pep::marshal {

template <>
struct Release<bloblist_t> {
    void operator()(bloblist_t* list) const noexcept { free_bloblist(list); }
};

/// The file name decides the disposition, as it does wherever the engine makes an attachment. What
/// has a name and no contents is an empty file; to the engine, a node without contents is none.
struct FileNameField : Field<bloblist_t, char*> {
    static Expected<void>
    load(const FileNameField& f, bloblist_t& blob, const json& j, const Path& at) {
        auto loaded = Field::load(f, blob, j, at);
        if (!loaded || blob.filename == nullptr)
            return loaded;
        blob.disposition = std::string_view{blob.filename}.starts_with("cid://")
                               ? PEP_CONTENT_DISP_INLINE
                               : PEP_CONTENT_DISP_ATTACHMENT;
        if (blob.value == nullptr) { // `value` is before it in the list: there are none
            auto empty = duplicate("", at);
            if (!empty)
                return fail(empty);
            blob.value = empty->release();
        }
        return loaded;
    }
};

template <>
struct Fields<bloblist_t> {
    static constexpr std::string_view name = "Blob", doc = "An attachment.";
    static constexpr std::tuple list{
        bytes(
            &bloblist_t::value, &bloblist_t::size, "value", "contents, base64; absent when empty"
        ),
        field(&bloblist_t::size, "size", "number of bytes", output_only),
        field(&bloblist_t::mime_type, "mime_type", "MIME type, e.g. text/plain"),
        FileNameField{
            {&bloblist_t::filename,
             "filename",
             "URI: file://NAME, or cid://ID for an inline part"}},
    };
};

template <>
struct List<bloblist_t> {
    static constexpr std::string_view name = "BlobList", doc = "Attachments.";
    static constexpr auto next = &bloblist_t::next;

    static bloblist_t* make() { return new_bloblist(nullptr, 0, nullptr, nullptr); }

    /// An empty list is one node that holds nothing at all.
    static bool skip(const bloblist_t& blob) {
        return blob.value == nullptr && blob.mime_type == nullptr && blob.filename == nullptr;
    }
};

} // namespace pep::marshal
