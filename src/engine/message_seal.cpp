// See the header.
#include "engine/message_seal.hpp"

#include "engine/message_format.hpp"

namespace pep::engine {

namespace {

/// Takes the memory over: a copy of a big message would double it.
OwnedBlobs blob_of(Chars chars, const char* mime_type, const char* filename) {
    OwnedBlobs node{new_bloblist(chars.bytes.get(), chars.size, mime_type, filename)};
    if (!node)
        throw std::bad_alloc{};
    static_cast<void>(chars.bytes.release()); // the node has it now
    return node;
}

} // namespace

Expected<void> seal(KeyRing& keys, std::string entity, const Recipients& recipients, message& dst) {
    Expected<Chars> armored;
    {
        // Wiped at the end of the block, before anything else can fail.
        const Plaintext plaintext{std::move(entity)};
        armored = keys.encrypt_to_chars(
            recipients.fprs,
            plaintext.text(),
            recipients.signing,
            recipients.passphrase,
            recipients.hidden
        );
    }
    if (!armored)
        return fail(armored);
    assign(dst.longmsg, encrypted_body);
    // RFC 3156, 4: these two parts in this order; the encoder fills in their fields.
    append(dst.attachments, make_blob("Version: 1", "application/pgp-encrypted", nullptr));
    append(
        dst.attachments, blob_of(std::move(*armored), "application/octet-stream", "file://msg.asc")
    );
    dst.enc_format = PEP_enc_PGP_MIME;
    return {};
}

} // namespace pep::engine
