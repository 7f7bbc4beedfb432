// Unicode and internationalised domain names through GLib: what comparing mail addresses needs. The
// only include of GLib outside the MIME backend. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine::glib {

/// The domain in lower case ASCII (punycode where needed); ASCII lower case of the input if it is
/// no valid name.
[[nodiscard]] std::string ascii_domain(std::string_view domain);

/// Case-folded and in NFC, so that equal means "the same but for case"; ASCII lower case if not
/// UTF-8.
[[nodiscard]] std::string folded(std::string_view text);

} // namespace pep::engine::glib
