// Messages to and from MIME text, on GMime. Bodies and raw sub-messages keep their original bytes;
// header and part limits are checked before the parser sees anything. Stateless; any thread with an
// 8 MB stack.
#pragma once

#include "base/expected.hpp"
#include "pEp/message.h"

#include <memory>
#include <string>
#include <string_view>

namespace pep::engine {

struct FreeMessage {
    void operator()(message* msg) const { free_message(msg); }
};

using OwnedMessage = std::unique_ptr<message, FreeMessage>;

struct Decoded {
    OwnedMessage msg;
    bool has_possible_pep_msg = false; ///< second part is message/rfc822; forwarded="no"
};

/// Engine messages 2.1. ILLEGAL_VALUE for a format that cannot be written.
[[nodiscard]] Expected<std::string>
encode_mime(const message& msg, bool omit_fields, bool has_pep_msg);

/// Engine messages 2.2. Text that is no MIME becomes a plain body; input beyond the limits
/// ILLEGAL_VALUE.
[[nodiscard]] Expected<Decoded> decode_mime(std::string_view text);

/// `bytes` of a text part as a body can hold them: valid UTF-8 (undecodable bytes become U+FFFD),
/// LF line ends, no NUL. Without a `charset` it is guessed.
[[nodiscard]] std::string body_text(std::string_view bytes, std::string_view charset = {});

/// The signed entity of a `text` that is multipart/signed as a whole (RFC 3156), as it was signed:
/// with CRLF line ends, the line break before the boundary excluded. Empty when it is something
/// else: a signed part among others would vouch for what its signer never saw.
[[nodiscard]] std::string signed_part(std::string_view text);

} // namespace pep::engine
