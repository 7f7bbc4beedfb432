// The hidden identity that signs for this installation (engine reference 3.11).
#pragma once

#include "base/expected.hpp"
#include "engine/session.hpp"

#include <string>
#include <string_view>

namespace pep::engine {

/// Armored detached signature; the identity and its key are made when first needed.
[[nodiscard]] Expected<std::string> sign_here(pEp_session_& session, std::string_view text);

/// VERIFIED only for signatures of that identity's key; see signature.h.
[[nodiscard]] Expected<PEP_STATUS>
verify_here(pEp_session_& session, std::string_view text, std::string_view signature);

} // namespace pep::engine
