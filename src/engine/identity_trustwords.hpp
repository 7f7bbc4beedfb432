// Trustwords of two identities: which way of combining their fingerprints both sides will use.
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"
#include "pEp/pEpEngine.h"

#include <string>
#include <string_view>

namespace pep::engine {

/// message_api.h get_trustwords(). Protocol versions the caller did not fill in are looked up;
/// nothing is stored. TRUSTWORD_NOT_FOUND for a partner known to be older than 3.3, unless the
/// engine may use XOR.
[[nodiscard]] Expected<std::string> trustwords_of(
    pEp_session_& session,
    const pEp_identity& first,
    const pEp_identity& second,
    std::string_view lang,
    bool full
);

} // namespace pep::engine
