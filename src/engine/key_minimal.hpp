// Certificates cut down to what somebody needs who wants to write to one address.
#pragma once

#include <string>
#include <string_view>

namespace pep::engine {

/// Of a public certificate (armored or binary): primary key, the user id with this address, and
/// one living encryption subkey, each with its latest self-signature (Autocrypt Level 1, 2.1.1).
/// Binary; "" if it has no such user id or subkey. Any thread.
[[nodiscard]] std::string minimal_key(std::string_view certificate, std::string_view address);

} // namespace pep::engine
