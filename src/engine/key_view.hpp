// What a loaded certificate says about itself: its (sub)keys with capabilities, lifetimes and
// revocations, and the raw properties of the engine reference (4.2). librnp caches validity when it
// loads a key, so lifetimes are compared with the clock here, at each use.
#pragma once

#include "engine/backend/rnp.hpp"
#include "pEp/pEpEngine.h"

#include <cstdint>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

namespace pep::engine {

/// How a revocation reflects on signatures made before it.
enum class Revocation {
    none,
    soft, ///< superseded or retired: earlier signatures stay good
    hard, ///< compromised, or no reason given: nothing can be believed
};

/// A primary key or subkey with its own properties.
struct KeyPart {
    rnp::Key handle; ///< belongs to the ffi it was read from
    std::string fpr;
    bool primary = false;
    bool bound = false; ///< validly self-signed, perhaps expired or revoked
    bool signs = false;
    bool encrypts = false;
    Revocation revocation = Revocation::none;
    std::uint64_t created = 0;
    std::uint64_t expires = std::numeric_limits<std::uint64_t>::max();
    std::string algorithm;
    std::uint32_t bits = 0;

    [[nodiscard]] bool alive_at(std::time_t when) const;

    [[nodiscard]] bool revoked() const { return revocation != Revocation::none; }
};

/// A certificate: its primary key first, then its subkeys.
struct KeyView {
    std::vector<KeyPart> parts;

    [[nodiscard]] const KeyPart& primary() const { return parts.front(); }

    /// Self-revoked, or all its signing or all its encryption (sub)keys are.
    [[nodiscard]] bool revoked() const;

    /// Without any signing or any encryption (sub)key.
    [[nodiscard]] bool broken() const;

    /// No signing together with an encryption key alive at that time; never for broken ones.
    [[nodiscard]] bool expired(std::time_t when) const;

    [[nodiscard]] PEP_comm_type rating(std::time_t now) const;

    /// Can this part of the certificate be used for something new at that time?
    [[nodiscard]] bool usable(const KeyPart& part, std::time_t when) const;
};

[[nodiscard]] KeyPart view_part(rnp::Key key);

/// A view of a primary key's certificate; handles in it stay valid as long as the key stays loaded.
[[nodiscard]] KeyView view_key(rnp::Key primary);

/// Is there secret material (locked or not)? A stand-in for a key on a card is none.
[[nodiscard]] bool has_secret_material(rnp_key_handle_t key);

/// User ids with at least one good self-signature (even if expired or revoked), in order.
[[nodiscard]] std::vector<std::string> signed_user_ids(rnp_key_handle_t primary);

} // namespace pep::engine
