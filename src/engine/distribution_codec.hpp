// The payload of distribution messages (engine reference 7.7, sync reference 2): which key takes
// the place of which. Verified against recorded messages of the original. Pure functions.
#pragma once

#include "base/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// An identity as it travels: receivers take address and fingerprint, and know the rest better.
struct WireIdentity {
    std::string address;
    std::string fpr; ///< 16 to 128 upper case hex digits
    std::string user_id;
    std::string username;
    unsigned comm_type = 0; ///< 0 to 255
    std::string lang = "en";

    friend bool operator==(const WireIdentity&, const WireIdentity&) = default;
};

/// One replacement: ident.fpr is the old key.
struct ResetCommand {
    WireIdentity ident;
    std::string new_fpr;

    friend bool operator==(const ResetCommand&, const ResetCommand&) = default;
};

/// What a distribution payload is about. Managed groups, echo and exploration are recognised, but
/// not decoded.
struct Distribution {
    enum class Kind { key_reset, managed_group, exploration, echo };
    Kind kind = Kind::key_reset;
    std::vector<ResetCommand> commands; ///< of a key reset
};

/// A key reset as UPER octets. CANNOT_ENCODE when a member does not fit: a fingerprint that is
/// none, a text over 1 024 octets.
[[nodiscard]] Expected<std::string> encode_key_reset(const std::vector<ResetCommand>& commands);

/// Inverse; DISTRIBUTION_ILLEGAL_MESSAGE for anything else. Takes the layout of later forks, too,
/// whose identities carry flags.
[[nodiscard]] Expected<Distribution> decode_distribution(std::string_view bytes);

} // namespace pep::engine
