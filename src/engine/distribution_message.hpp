// Mails that carry a distribution payload (engine reference 7.7, sync reference 1): how they look,
// and how the payload is found in one.
#pragma once

#include "base/expected.hpp"
#include "engine/keys.hpp"
#include "engine/mime_codec.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pep::engine {

/// A message from `me` to `partner` that carries `payload`; not yet encrypted, and marked so that
/// mail programs hide it.
[[nodiscard]] OwnedMessage
distribution_message(const pEp_identity& me, const pEp_identity& partner, std::string_view payload);

/// Is it one that programs consume and people need not see?
[[nodiscard]] bool is_auto_consumed(const message& msg);

/// Mark a message as such.
void mark_auto_consumed(message& msg);

/// The payload of a message, if it has one; nothing when a signature beside it does not verify.
/// DECRYPT_WRONG_FORMAT for several payloads or signatures.
[[nodiscard]] Expected<std::optional<std::string>>
distribution_payload(KeyRing& keys, const message& msg);

} // namespace pep::engine
