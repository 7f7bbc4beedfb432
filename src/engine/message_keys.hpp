// Keys that travel with messages: found in headers and attachments of what is received, attached to
// what is sent. Importing a key decides nothing about trust; who may claim one as his is decided
// elsewhere.
#pragma once

#include "base/expected.hpp"
#include "engine/message_format.hpp"
#include "engine/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// Attachments of a message that are looked at for keys, and the size from which they are not.
inline constexpr int max_key_attachments = 20;
inline constexpr std::size_t max_key_bytes = std::size_t{25} << 20U;

/// Is this an attachment that may hold keys (engine messages 6.3)?
[[nodiscard]] bool is_key_attachment(const bloblist_t& blob);

/// Is this a file that was encrypted by itself?
[[nodiscard]] bool is_encrypted_attachment(const bloblist_t& blob);

/// Imports the keys of one received message, through all its layers, and remembers which came.
class KeyImport {
  public:
    KeyImport(Context& context, Passphrase passphrase)
        : context_(context), passphrase_(passphrase) {}

    /// The key of an Autocrypt header. One whose address is not the sender's is imported, but not
    /// remembered as his.
    void from_autocrypt(const message& msg);

    /// Keys in attachments; returns the fingerprint in the one file `sender_key.asc`, if there is
    /// one with one key, else "". What is no key, or cannot be read, is skipped.
    std::string from_attachments(const message& msg);

    /// Fingerprint out of the Autocrypt header, "" when there is none.
    [[nodiscard]] const std::string& autocrypt() const { return autocrypt_; }

    /// Fingerprints from attachments, in order of appearance, without repetition.
    [[nodiscard]] const std::vector<std::string>& attached() const { return attached_; }

    /// A secret key came along.
    [[nodiscard]] bool private_key() const { return private_key_; }

    /// Any key at all came.
    [[nodiscard]] bool any() const { return !autocrypt_.empty() || !attached_.empty(); }

  private:
    std::vector<std::string> import(std::string_view bytes);

    Context& context_;
    Passphrase passphrase_;
    int inspected_ = 0; // over all layers of the message
    std::string autocrypt_;
    std::vector<std::string> attached_;
    bool private_key_ = false;
};

/// The own public key as `sender_key.asc`, and the one it replaced less than a week ago, if any, as
/// `revoked_key.asc`.
[[nodiscard]] Expected<OwnedBlobs> own_key_attachments(Context& context, const std::string& fpr);

} // namespace pep::engine
