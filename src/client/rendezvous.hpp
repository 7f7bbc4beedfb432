// The token file as a client reads it, and the proof by which a server shows that it wrote it.
// Pure functions and reads; any thread.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pep::client {

/// What the file says besides the token.
struct Rendezvous {
    std::string address; ///< numeric, loopback
    std::uint16_t port = 0;
    std::string epoch;  ///< names this start of the server; printable, without blanks
    std::string socket; ///< path of the Unix-domain door; "" = none
};

struct TokenFileContent {
    Rendezvous where;
    Secret token;
};

/// `<home>/json-token`, if nobody but the user can have written it. fault::unreachable: there is
/// none. fault::untrusted: it breaks a rule, is damaged or leads away from this machine.
[[nodiscard]] Expected<TokenFileContent> read_token_file(const std::filesystem::path& home);

/// What the text of such a file says; fault::untrusted as above.
[[nodiscard]] Expected<TokenFileContent> parse_token_file(std::string_view text);

/// A numeric address in 127.0.0.0/8, or ::1.
[[nodiscard]] bool is_loopback(const std::string& address) noexcept;

/// HMAC-SHA-256 over four lines with the token's text as key, as base64url. `endpoint` is what the
/// connection leads to: ADDRESS:PORT or the socket's path.
[[nodiscard]] Expected<std::string> proof_of(
    const Secret& token, std::string_view nonce, std::string_view endpoint, std::string_view epoch
);

/// 16 to 128 characters of the base64url alphabet.
[[nodiscard]] bool is_nonce(std::string_view nonce) noexcept;

} // namespace pep::client
