// Mails that carry a payload of the engines among each other (sync reference 1): how they look, and
// how the payload is found in one.
#pragma once

#include "base/expected.hpp"
#include "engine/keys.hpp"
#include "engine/mime_codec.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pep::engine {

inline constexpr const char* sync_type = "application/pEp.sync";
inline constexpr const char* sync_name = "file://sync.pEp";
inline constexpr const char* payload_signature_type = "application/pEp.sign";
inline constexpr const char* payload_signature_name = "file://electronic_signature.asc";

/// A message from `me` to `partner` that carries `payload`; not yet encrypted, and marked so that
/// mail programs hide it.
[[nodiscard]] OwnedMessage
distribution_message(const pEp_identity& me, const pEp_identity& partner, std::string_view payload);

/// Is it one that programs consume and people need not see?
[[nodiscard]] bool is_auto_consumed(const message& msg);

/// Mark a message as such.
void mark_auto_consumed(message& msg);

/// What is attached for the engine, and who signed just that.
struct Payload {
    std::string bytes;
    std::string signer; ///< primary fingerprint; "" without a signature of its own
};

enum class PayloadFamily { sync, distribution };

/// The payload of a message, if it has one; nothing when a signature beside it does not verify.
/// DECRYPT_WRONG_FORMAT for several payloads or signatures.
[[nodiscard]] Expected<std::optional<Payload>>
payload_of(KeyRing& keys, const message& msg, PayloadFamily family);

} // namespace pep::engine
