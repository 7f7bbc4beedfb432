// Messages encrypted piece by piece: inline OpenPGP in the body, each attachment for itself, and
// the variant with "elevated" attachments, whose type travels inside (engine
// messages 3.5, 3.6, 6.5).
#pragma once

#include "base/expected.hpp"
#include "engine/message_format.hpp"
#include "engine/session.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pep::engine {

/// Keys of an encryption and how to use them.
struct Recipients {
    std::vector<std::string> fprs;   ///< the first signs
    std::vector<std::string> hidden; ///< of these: whose key ids are not shown
    Signing signing = Signing::sign;
    Passphrase passphrase = nullptr;
};

/// Fill bodies and attachments of `dst` with the encrypted pieces of `src` and of `keys`.
[[nodiscard]] Expected<void> encrypt_pieces(
    Context& context,
    const message& src,
    const bloblist_t* keys,
    const Recipients& recipients,
    PEP_enc_format format,
    message& dst
);

/// `bytes` behind the four bytes that tell an elevated attachment's type; unknown types without
/// them.
[[nodiscard]] std::string elevate(std::string_view bytes, std::string_view mime_type);

/// Type of an elevated attachment and the bytes behind the mark; {"", all bytes} without a known
/// mark.
[[nodiscard]] std::pair<std::string, std::string_view> lower(std::string_view bytes);

/// What came of the attachments of an inline message.
struct OpenedPieces {
    OwnedBlobs attachments;
    std::string html;                               ///< body that came as an attachment
    PEP_STATUS status = PEP_DECRYPTED_AND_VERIFIED; ///< worst of the encrypted ones
    bool bare = false; ///< a file that is no key came without encryption: nobody vouches for it
};

/// All pieces of a message together unpack to no more than this; what does is an attack.
inline constexpr std::size_t max_pieces_bytes = std::size_t{128} << 20U;

/// Decrypt the attachments that are encrypted; the others, and what cannot be decrypted, are
/// copied. A signature counts when it is by `signer`, who signed the body. CANNOT_DECRYPT_UNKNOWN
/// beyond the limit.
[[nodiscard]] Expected<OpenedPieces> open_pieces(
    Context& context,
    const message& src,
    PEP_enc_format format,
    Passphrase passphrase,
    const std::string& signer
);

} // namespace pep::engine
