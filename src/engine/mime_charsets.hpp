// What mails mean by the name of a charset: programs write the name of a standard and the
// characters of its extended version (WHATWG Encoding Standard, "labels"), or names nobody
// registered. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine::mime {

/// The charset to decode with, by a name iconv knows, for the one that is stated; "" when that says
/// nothing about the bytes. Names that mean themselves come back in lower case.
[[nodiscard]] std::string meant_charset(std::string_view stated);

/// ISO-2022-JP as EUC: the converter of that knows the characters of the vendors as well, which the
/// strict one for ISO-2022-JP refuses.
[[nodiscard]] std::string iso_2022_jp_as_euc(std::string_view text);

} // namespace pep::engine::mime
