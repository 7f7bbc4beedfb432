// What can go wrong on the client's side. The numbers are the exit codes of pep-rpc, and
// `Error::code` in this layer.
#pragma once

namespace pep::client::fault {

inline constexpr int usage = 2;       ///< wrong arguments, unknown function, wrong parameters
inline constexpr int unreachable = 3; ///< no server, and none can be started; or it went away
inline constexpr int untrusted = 4;   ///< the token file breaks a rule, or the proof is wrong
inline constexpr int refused = 5;     ///< the server refused or failed: busy, too large, internal

} // namespace pep::client::fault
