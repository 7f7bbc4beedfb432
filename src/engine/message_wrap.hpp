// The MIME entity that gets encrypted, in the layouts of format 1.0, 2.0 and 2.1+ (engine
// messages 3.2 to 3.4). The source message is only read; its attachments are not copied.
#pragma once

#include "base/expected.hpp"
#include "engine/message_format.hpp"

#include <string>

namespace pep::engine {

/// How a message is wrapped into another.
struct Wrapping {
    Version version;            ///< 2.0 has the marks in the bodies, too
    const char* info = "INNER"; ///< or KEY_RESET
    std::string sender_fpr;     ///< primary key that signs; empty: not mentioned
    std::string extra_keys;     ///< fingerprints joined by ","; empty: not mentioned
    std::string id;             ///< Message-ID for an inner message that has none
    /// Recipients that are shown to no other; the user alone may keep them.
    enum class Bcc { left_out, kept } bcc = Bcc::left_out;
};

/// Format 1.0: the message itself without its header, `keys` behind its attachments. With
/// `subject_inside` a real subject becomes the first line of the body.
[[nodiscard]] Expected<std::string>
plain_entity(const message& src, const bloblist_t* keys, bool subject_inside);

/// Formats 2.0 and 2.1+: an explanation, the whole message as message/rfc822, and `keys`.
/// From 2.1 on with header protection (RFC 9788) for programs that do not know p≡p: they show the
/// header of `src`, and compare it with that of `outside`, which travels in the open.
[[nodiscard]] Expected<std::string> wrapped_entity(
    const message& src, const bloblist_t* keys, const Wrapping& wrapping, const message& outside
);

/// Take off what only the engine may say about a message, in case the caller built on a received
/// one.
void drop_engine_fields(stringpair_list_t*& fields);

} // namespace pep::engine
