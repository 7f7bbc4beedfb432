// Judging the signatures of a verification librnp has executed: librnp says only "invalid" for a
// revoked, an expired and a forged signer, the engine reference wants them told apart.
#pragma once

#include "engine/backend/rnp.hpp"

#include <string>
#include <vector>

namespace pep::engine {

/// All signatures of one message, counted by what they are worth.
struct Verdict {
    std::vector<std::string> good; ///< primary fingerprints of good signers, each once
    int revoked = 0;               ///< by a revoked key
    int unfit = 0;   ///< expired, or made by a key not valid then, or with a weak hash
    int wrong = 0;   ///< not what the key signed
    int unknown = 0; ///< signer or format unknown
    int total = 0;
};

/// `ffi` is the one the operation ran in.
[[nodiscard]] Verdict judge(rnp_op_verify_t executed, rnp_ffi_t ffi);

} // namespace pep::engine
