// Messages on a server that is not trusted (engine messages 6.12): what was received is encrypted
// again by an own key, so that the organisation's keys can read it, too.
#pragma once

#include "base/expected.hpp"
#include "engine/message_incoming.hpp"

namespace pep::engine {

/// Put the message in place of its source where that is called for, and say so in the flags: with
/// `extra` keys when one of them cannot read it yet or somebody else signed it, without any when
/// the subject may be shown and is not. Only of messages whose sender is certain. CANNOT_REENCRYPT
/// when it was called for and failed; the source is as it was.
[[nodiscard]] Expected<void> reencrypt(Incoming& in, const stringlist_t* extra);

} // namespace pep::engine
