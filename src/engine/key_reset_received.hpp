// A key reset somebody sent us (engine reference 7.8, sync reference 10.3).
#pragma once

#include "base/expected.hpp"
#include "engine/message_incoming.hpp"

namespace pep::engine {

/// Apply the key reset in a decrypted message whose sender was judged. OK also when there is none;
/// else why it was not applied: nothing changed then.
[[nodiscard]] Expected<void> apply_key_reset(Incoming& in);

} // namespace pep::engine
