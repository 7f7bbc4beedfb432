// Keys in messages (see the header).
#include "engine/message_keys.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "engine/guard.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace pep::engine {

namespace {

constexpr std::int64_t revoked_key_is_sent_s = 7 * 24 * 3600;

/// Is that the ending of a proper file name? A part named by `cid://` belongs to a page (6.3).
bool ends_with(const bloblist_t& blob, std::string_view ending) {
    const std::string_view name = view(blob.filename);
    return name.size() > ending.size() && !name.starts_with("cid://") &&
           iequals(name.substr(name.size() - ending.size()), ending);
}

bool has_type(const bloblist_t& blob, std::string_view type) {
    return iequals(view(blob.mime_type), type);
}

/// Value of an attribute of an Autocrypt header: `addr=a@b; keydata=…`.
std::string_view attribute(std::string_view header, std::string_view name) {
    // Autocrypt knows no quoting: a semicolon always ends a value.
    for (std::string_view part : split(header, ';')) {
        part = trim(part);
        if (istarts_with(part, name) && part.substr(name.size(), 1) == "=")
            return part.substr(name.size() + 1);
    }
    return {};
}

} // namespace

bool is_key_attachment(const bloblist_t& blob) {
    constexpr std::array endings{".pgp", ".gpg", ".key", ".asc"};
    if (has_type(blob, "application/pgp-keys"))
        return true;
    if (has_type(blob, "application/x-apple-msg-attachment"))
        return ends_with(blob, ".asc");
    const bool may_be = blob.mime_type == nullptr || has_type(blob, "application/octet-stream") ||
                        has_type(blob, "text/plain");
    return may_be && std::any_of(endings.begin(), endings.end(), [&](const char* ending) {
               return ends_with(blob, ending);
           });
}

bool is_encrypted_attachment(const bloblist_t& blob) {
    if (has_type(blob, "application/octet-stream") &&
        (ends_with(blob, ".pgp") || ends_with(blob, ".gpg")))
        return true;
    if (!ends_with(blob, ".asc"))
        return false;
    // Armored keys and detached signatures bear the same ending.
    const std::string_view bytes = bytes_of(blob);
    return !bytes.empty() && bytes.find("-----BEGIN PGP PUBLIC KEY") == std::string_view::npos &&
           bytes.find("-----BEGIN PGP PRIVATE KEY") == std::string_view::npos &&
           bytes.find("-----BEGIN PGP SIGNATURE") == std::string_view::npos;
}

std::vector<std::string> KeyImport::import(std::string_view bytes) {
    std::vector<std::string> fprs;
    // Writes to the store at once: what is verified next may need the key.
    const auto result = context_.keys.import(bytes);
    if (!result)
        return fprs; // no key, or a broken one: the message is readable without it
    for (const ImportedKey& key : result->keys) {
        if (std::find(fprs.begin(), fprs.end(), key.fpr) == fprs.end())
            fprs.push_back(key.fpr);
        private_key_ = private_key_ || key.secret;
    }
    return fprs;
}

void KeyImport::from_autocrypt(const message& msg) {
    const std::string_view header = view(field(msg, "Autocrypt"));
    const std::string_view keydata = attribute(header, "keydata");
    if (keydata.empty() || keydata.size() >= max_key_bytes)
        return;
    // Blanks in it, where the header was folded, are skipped.
    const auto bytes = base64_decode(keydata);
    if (!bytes)
        return;
    const auto fprs = import(*bytes);
    const std::string_view address = trim(attribute(header, "addr"));
    // A field without address is taken for the sender's; of several keys nobody knows which is
    // meant.
    const bool of_sender = msg.from != nullptr && iequals(address, view(msg.from->address));
    if (fprs.size() == 1 && (address.empty() || of_sender))
        autocrypt_ = fprs.front();
}

std::string KeyImport::from_attachments(const message& msg) {
    std::string sender_key;
    int named_so = 0;
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next) {
        const std::string_view bytes = bytes_of(*blob);
        if (bytes.empty() || bytes.size() >= max_key_bytes || !is_key_attachment(*blob))
            continue;
        // Each one costs an import, if not a decryption; anybody can attach thousands.
        if (++inspected_ > max_key_attachments)
            break;
        std::vector<std::string> fprs;
        // So come keys between devices of one user, and those of inline messages.
        if (is_encrypted_attachment(*blob)) {
            auto opened = context_.keys.decrypt(bytes, passphrase_);
            if (!opened)
                continue;
            const Plaintext plaintext{std::move(opened->plaintext)};
            fprs = import(plaintext.text());
        } else {
            fprs = import(bytes);
        }
        if (view(blob->filename) == sender_key_uri) {
            // Two such files, or two keys in the one: then none of them is claimed to be the
            // sender's.
            ++named_so;
            sender_key = fprs.size() == 1 ? fprs.front() : std::string{};
        }
        // In order of appearance: the first key of a message has a meaning (6.8).
        for (std::string& fpr : fprs)
            if (std::find(attached_.begin(), attached_.end(), fpr) == attached_.end())
                attached_.push_back(std::move(fpr));
    }
    return named_so == 1 ? sender_key : std::string{};
}

Expected<OwnedBlobs> own_key_attachments(Context& context, const std::string& fpr) {
    auto key = context.keys.export_public(fpr);
    if (!key)
        return fail(key);
    OwnedBlobs attachments = make_blob(*key, "application/pgp-keys", sender_key_uri);

    // Partners have a week to learn that the former key is void.
    auto query = context.store.db().query("SELECT revoked_fpr FROM revoked_key"
                                          " WHERE replacement_fpr = ? AND revocation_date > ?");
    query.bind(fpr).bind(std::int64_t{std::time(nullptr)} - revoked_key_is_sent_s);
    auto found = query.step();
    if (!found)
        return fail(found);
    if (*found) {
        const auto revoked = context.keys.export_public(query.text(0));
        // If it cannot be exported the message goes out without it.
        if (revoked)
            append(attachments, make_blob(*revoked, "application/pgp-keys", revoked_key_uri));
    }
    return attachments;
}

} // namespace pep::engine
