// User ids of keys: which address and name they state, in the form under which keys are indexed and
// looked up, and the text of a user id for a new key. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine {

/// A user id taken apart. Without a mail address or URI, `address` is the raw text and `name`
/// empty.
struct UserId {
    std::string address; ///< normalised
    std::string name;    ///< without quotes; comments stay
};

[[nodiscard]] UserId parse_user_id(std::string_view user_id);

/// Case-folded, the domain in punycode: two spellings of one address give the same text.
[[nodiscard]] std::string normalised_address(std::string_view address);

/// The local part without its dots; the rest unchanged.
[[nodiscard]] std::string without_local_dots(std::string_view address);

/// `NAME <ADDRESS>`, the name quoted if it holds `@`, left out if empty or equal to the address.
/// Characters that could forge another address (angle brackets, control characters) become `_`, and
/// a name is cut where librnp's limit for user ids (128 octets) demands it. "" if the address is
/// empty, too long or holds such a character.
[[nodiscard]] std::string user_id_text(std::string_view name, std::string_view address);

} // namespace pep::engine
