// The last step of every encryption to PGP/MIME: an entity becomes ciphertext in the two parts of
// multipart/encrypted (RFC 3156, 4).
#pragma once

#include "base/expected.hpp"
#include "engine/keys.hpp"
#include "engine/message_inline.hpp"
#include "pEp/message.h"

#include <string>

namespace pep::engine {

/// Encrypt `entity`, which is wiped, into body and attachments of `dst`.
[[nodiscard]] Expected<void>
seal(KeyRing& keys, std::string entity, const Recipients& recipients, message& dst);

} // namespace pep::engine
