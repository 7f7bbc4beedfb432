// The rating a received message got, kept with its decrypted copy so that every device of the user
// shows the same (engine messages 7.6): two octets, signed by an own key.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

#include <optional>
#include <string>
#include <string_view>

namespace pep::engine {

/// Sync.KeySync.ReceiverRating as UPER octets; nothing for ratings the protocol has no value for
/// (undefined, media_key_protected).
[[nodiscard]] std::optional<std::string> encode_receiver_rating(PEP_rating rating);

/// Inverse; nothing for any other payload.
[[nodiscard]] std::optional<PEP_rating> decode_receiver_rating(std::string_view bytes);

/// Attach the message's rating, signed by the key of recv_by, unless a sync payload is there or
/// that key is not known or cannot sign now.
void write_receiver_rating(pEp_session_& session, message& msg);

/// The rating attached to a message, if an own key signed it.
[[nodiscard]] Expected<std::optional<PEP_rating>>
read_receiver_rating(pEp_session_& session, const message& msg);

/// Take off what write_receiver_rating() attached; other payloads stay. What leaves the user's
/// devices must not carry one: it is signed, but says nothing about the message it came with, and
/// could be put on another.
void drop_receiver_rating(message& msg);

} // namespace pep::engine
