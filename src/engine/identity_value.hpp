// An identity as a C++ value, and the values of comm_type the rules of trust compare. Pure
// functions.
#pragma once

#include "base/expected.hpp"
#include "engine/identity_store.hpp"
#include "pEp/pEpEngine.h"

#include <string>
#include <string_view>

namespace pep::engine {

/// pEp_identity with strings that own themselves; "" stands for NULL.
struct Identity {
    std::string address;
    std::string fpr;
    std::string user_id;
    std::string username;
    std::string lang;
    PEP_comm_type ct = PEP_ct_unknown;
    bool me = false;
    unsigned major = 0;
    unsigned minor = 0;
    int enc_format = PEP_enc_none;
    unsigned flags = 0;
};

[[nodiscard]] Identity value_of(const pEp_identity& identity);

/// Overwrite all members; on OUT_OF_MEMORY none of them.
[[nodiscard]] Expected<void> assign(pEp_identity& to, const Identity& from);

/// A user id made up for somebody known by address only.
[[nodiscard]] bool is_tofu_id(std::string_view user_id);
[[nodiscard]] std::string tofu_id(std::string_view address);

/// Strong enough to rely on (engine reference 0), the confirmed bit aside.
[[nodiscard]] constexpr bool is_strong(PEP_comm_type ct) {
    return (ct & 0x7f) >= PEP_ct_strong_but_unconfirmed;
}

[[nodiscard]] constexpr bool is_confirmed(PEP_comm_type ct) { return (ct & PEP_ct_confirmed) != 0; }

[[nodiscard]] constexpr bool is_distrusted(PEP_comm_type ct) {
    return ct == PEP_ct_mistrusted || ct == PEP_ct_compromised;
}

[[nodiscard]] constexpr bool is_expired(PEP_comm_type ct) {
    return ct == PEP_ct_key_expired || ct == PEP_ct_key_expired_but_confirmed;
}

[[nodiscard]] constexpr PEP_comm_type confirmed(PEP_comm_type ct) {
    return static_cast<PEP_comm_type>(ct | PEP_ct_confirmed);
}

/// Strong trust in a p≡p user's key is at the p≡p level; everything else stays.
[[nodiscard]] constexpr PEP_comm_type pep_level(PEP_comm_type ct) {
    return is_strong(ct) ? static_cast<PEP_comm_type>(ct | PEP_ct_pEp_unconfirmed) : ct;
}

/// Is version a lower than version b?
[[nodiscard]] constexpr bool
version_less(unsigned a_major, unsigned a_minor, unsigned b_major, unsigned b_minor) {
    return a_major != b_major ? a_major < b_major : a_minor < b_minor;
}

/// Protocol version every p≡p user is known to speak.
inline constexpr unsigned least_pep_major = 2;
inline constexpr unsigned least_pep_minor = 1;

/// The identity a row stands for. Its trust is a look-up of its own.
[[nodiscard]] Identity identity_of(const IdentityRow& row, PEP_comm_type ct);

} // namespace pep::engine
