// Inline OpenPGP (see the header).
#include "engine/message_inline.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/message_keys.hpp"

#include <algorithm>
#include <array>

namespace pep::engine {

namespace {

struct Elevation {
    char letter;
    char subtype;
    const char* mime_type;
};

/// 3.6. Where several types share a mark, the first of them is what a receiver gets to see.
constexpr std::array elevations{
    Elevation{'K', 0, "application/keys"},
    Elevation{'K', 2, "application/pgp-keys"},
    Elevation{'K', 3, "application/pkcs10"},
    Elevation{'K', 4, "application/pkix-cert"},
    Elevation{'K', 5, "application/pkix-crl"},
    Elevation{'K', 6, "application/pkcs7-mime"},
    Elevation{'K', 7, "application/x-x509-ca-cert"},
    Elevation{'K', 8, "application/x-x509-user-cert"},
    Elevation{'K', 9, "application/x-pkcs7-crl"},
    Elevation{'K', 10, "application/x-pem-file"},
    Elevation{'K', 11, "application/x-pkcs12"},
    Elevation{'K', 12, "application/x-pkcs7-certificates"},
    Elevation{'K', 13, "application/x-pkcs7-certreqresp"},
    Elevation{'S', 0, "application/pEp.sync"},
    Elevation{'D', 0, "application/pEp.distribution"},
    Elevation{'D', 0, "application/pEp.keyreset"},
    Elevation{'A', 0, "application/auth"},
    Elevation{'A', 1, "application/signature"},
    Elevation{'A', 2, "application/pgp-signature"},
    Elevation{'A', 3, "application/pkcs7-signature"},
    Elevation{'A', 3, "application/x-pkcs7-signature"},
};

constexpr const char* octet_stream = "application/octet-stream";

/// Name of a decrypted attachment as a URI: what the packet says, else without the last ending.
/// The key ring has taken path separators out of the packet's name.
std::string opened_name(const bloblist_t& blob, const std::string& packet_name) {
    if (!packet_name.empty())
        return "file://" + packet_name;
    std::string name{view(blob.filename)};
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos)
        name.erase(dot);
    return name.starts_with("file://") ? name : "file://" + name;
}

/// 6.5: encrypted piece by piece, an attachment loses its type. Payloads for the engine are known
/// by their names.
const char* type_by_name(std::string_view uri) {
    if (uri == "file://distribution.pEp")
        return "application/pEp.distribution";
    return uri == "file://sync.pEp" ? "application/pEp.sync" : octet_stream;
}

/// The html body in the form in which PGP for Outlook attaches it.
bool is_outlook_html(const bloblist_t& blob) {
    const std::string_view name = view(blob.filename);
    return name == "file://PGPexch.htm.pgp" || name == "file://PGPexch.htm.asc";
}

/// Not bytes_of(): a file may well end with a zero byte.
std::string_view contents_of(const bloblist_t& blob) { return {blob.value, blob.size}; }

OwnedBlobs copy_blob(const bloblist_t& blob) {
    return make_blob(contents_of(blob), blob.mime_type, blob.filename);
}

/// The worse of two outcomes: an error stays, else the less verified counts.
PEP_STATUS worse(PEP_STATUS so_far, PEP_STATUS next) {
    // By number: DECRYPTED lies below DECRYPTED_AND_VERIFIED, everything bad above it.
    if (so_far > PEP_DECRYPTED_AND_VERIFIED)
        return so_far;
    return next > PEP_DECRYPTED_AND_VERIFIED ? next : std::min(so_far, next);
}

} // namespace

std::string elevate(std::string_view bytes, std::string_view mime_type) {
    std::string marked;
    for (const Elevation& known : elevations) {
        if (iequals(mime_type, known.mime_type)) {
            marked = {'\0', known.letter, known.subtype, '\0'};
            break;
        }
    }
    return marked.append(bytes);
}

std::pair<std::string, std::string_view> lower(std::string_view bytes) {
    // A mark with nothing behind it is none (3.6).
    if (bytes.size() >= 5 && bytes[0] == '\0' && bytes[3] == '\0')
        for (const Elevation& known : elevations)
            if (bytes[1] == known.letter && bytes[2] == known.subtype)
                return {known.mime_type, bytes.substr(4)};
    return {"", bytes};
}

Expected<void> encrypt_pieces(
    Context& context,
    const message& src,
    const bloblist_t* keys,
    const Recipients& recipients,
    PEP_enc_format format,
    message& dst
) {
    const auto encrypt = [&](std::string_view bytes) {
        return context.keys.encrypt(
            recipients.fprs, bytes, recipients.signing, recipients.passphrase, recipients.hidden
        );
    };
    const auto add = [&](std::string_view bytes,
                         const char* type,
                         const char* name,
                         content_disposition_type disposition) -> Expected<void> {
        auto armored = encrypt(bytes);
        if (!armored)
            return fail(armored);
        OwnedBlobs blob = make_blob(*armored, type, name);
        blob->disposition = disposition;
        append(dst.attachments, std::move(blob));
        return {};
    };

    // Receivers find an inline message by its body: the armor there is what they look for (6.2).
    if (!view(src.longmsg).empty()) {
        auto armored = encrypt(src.longmsg);
        if (!armored)
            return fail(armored);
        assign(dst.longmsg, *armored);
    } else {
        assign(dst.longmsg, "");
    }
    // Without a name, as the engine 3.3 does (3.5).
    if (!view(src.longmsg_formatted).empty())
        if (auto added = add(src.longmsg_formatted, "text/html", nullptr, PEP_CONTENT_DISP_INLINE);
            !added)
            return added;
    // The sender's key comes last and is encrypted like every file: it arrives as
    // sender_key.asc.pgp.
    for (const bloblist_t* blobs : {static_cast<const bloblist_t*>(src.attachments), keys}) {
        for (; blobs != nullptr; blobs = blobs->next) {
            if (blobs->value == nullptr)
                continue;
            // Receivers tell by the ending what to decrypt, so no file goes without a name.
            const std::string name =
                (blobs->filename != nullptr ? blobs->filename : std::string{"file://attachment"}) +
                ".pgp";
            // Only an elevated file is copied, for the mark in front of it.
            const Plaintext marked{
                format == PEP_enc_inline_EA ? elevate(contents_of(*blobs), view(blobs->mime_type))
                                            : std::string{}};
            const std::string_view bytes =
                format == PEP_enc_inline_EA ? std::string_view{marked.text()} : contents_of(*blobs);
            if (auto added = add(bytes, octet_stream, name.c_str(), blobs->disposition); !added)
                return added;
        }
    }
    return {};
}

Expected<OpenedPieces> open_pieces(
    Context& context,
    const message& src,
    PEP_enc_format format,
    Passphrase passphrase,
    const std::string& signer
) {
    OpenedPieces pieces;
    std::size_t unpacked = 0;
    for (const bloblist_t* blob = src.attachments; blob != nullptr; blob = blob->next) {
        if (blob->value == nullptr)
            continue;
        // Told by type and name; other files are shown, but nobody signed them.
        if (!is_encrypted_attachment(*blob)) {
            append(pieces.attachments, copy_blob(*blob));
            // Keys may come in the clear: importing one says nothing about its owner.
            pieces.bare = pieces.bare || !is_key_attachment(*blob);
            continue;
        }
        auto opened = context.keys.decrypt(bytes_of(*blob), passphrase);
        if (!opened) {
            // The reader gets the file as it came; the status tells that not all could be read.
            append(pieces.attachments, copy_blob(*blob));
            pieces.status = worse(pieces.status, status_of(opened.error()));
            continue;
        }
        const Plaintext plaintext{std::move(opened->plaintext)};
        // The key ring limits each file, but many small ones that unpack to much add up.
        unpacked += plaintext.text().size();
        if (unpacked > max_pieces_bytes)
            return fail(PEP_CANNOT_DECRYPT_UNKNOWN, "the message unpacks to too much");
        // Signed by somebody else, a piece may have been cut out of another message.
        const bool same_signer = opened->keylist.front() == signer;
        const bool verified = opened->status == PEP_DECRYPTED_AND_VERIFIED;
        pieces.status =
            worse(pieces.status, verified && !same_signer ? PEP_DECRYPTED : opened->status);
        // It is a body, and shown as such instead of as a file.
        if (is_outlook_html(*blob)) {
            pieces.html = plaintext.text();
            continue;
        }
        const std::string name = opened_name(*blob, opened->filename);
        // The type of an elevated file comes from its mark, else from its name.
        std::pair<std::string, std::string_view> lowered{"", plaintext.text()};
        if (format == PEP_enc_inline_EA)
            lowered = lower(plaintext.text());
        const auto& [type, bytes] = lowered;
        append(
            pieces.attachments,
            make_blob(bytes, type.empty() ? type_by_name(name) : type.c_str(), name.c_str())
        );
    }
    return pieces;
}

} // namespace pep::engine
