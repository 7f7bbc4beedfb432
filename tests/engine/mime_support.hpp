// Helpers of the MIME tests: messages made and looked at in one line.
#pragma once

#include "engine/mime_codec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::engine::test {

/// An outgoing message from a@example.org to b@example.org with these texts; "" leaves a member
/// NULL.
OwnedMessage
make_message(const std::string& subject, const std::string& text, const std::string& html = {});

void attach(message& msg, std::string_view bytes, const char* type, const char* uri);

/// The MIME text; fails the test when there is none.
std::string encoded(const message& msg, bool omit_fields = false, bool has_pep_msg = false);

/// The message in `text`; fails the test when there is none.
Decoded decoded(std::string_view text);

/// `text` with LF made CRLF.
std::string crlf(std::string_view text);

/// Header block of a MIME text, unfolded, one field per element.
std::vector<std::string> header_fields(std::string_view text);

/// Value of the first field of that name, unfolded; "<none>" when there is none.
std::string field(std::string_view text, std::string_view name);

/// `type name` of every attachment, separated by "; ".
std::string attachments(const message& msg);

/// "NULL" for NULL.
std::string show(const char* text);

/// 7 bit, CRLF line ends only, no line over 998 bytes.
bool is_clean(std::string_view text);

} // namespace pep::engine::test
