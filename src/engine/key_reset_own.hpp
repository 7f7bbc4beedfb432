// Replacing own keys (engine reference 7.2 to 7.4).
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"

#include <string>
#include <vector>

namespace pep::engine {

/// An own key that no identity uses.
enum class Unused { is_an_error, is_skipped };

/// Which identities with the key get another one.
enum class Reach { all_identities, grouped_identities };

/// Replace own keys. All are checked before the first is touched: a missing passphrase changes
/// nothing. Keys revoked or mistrusted already, and repetitions, are passed over.
[[nodiscard]] Expected<void> reset_own_keys(
    pEp_session_& session,
    const std::vector<std::string>& fprs,
    Unused unused,
    Reach reach = Reach::all_identities
);

} // namespace pep::engine
