// The three tables of stored certificates (openpgp_key, openpgp_key_id, openpgp_user_id): reading a
// key, writing it with its index entries, and finding fingerprints. Knows nothing of passphrases or
// caches.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"
#include "engine/backend/rnp.hpp"
#include "engine/backend/sqlite.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// A certificate as stored, binary. Move-only; wipes the secret part.
struct StoredKey {
    std::string public_key; ///< transferable public key
    std::string secret_key; ///< secret key packets only; "" if there are none

    StoredKey() = default;
    StoredKey(StoredKey&&) = default;
    StoredKey& operator=(StoredKey&&) = default;
    StoredKey(const StoredKey&) = delete;
    StoredKey& operator=(const StoredKey&) = delete;

    ~StoredKey() { wipe(secret_key.data(), secret_key.size()); }
};

/// The key with this primary fingerprint, if stored.
[[nodiscard]] Expected<std::optional<StoredKey>>
stored_key(sqlite::Database& db, std::string_view fpr);

/// Insert or replace a key; `primary` is its certificate in some ffi, from which the index is made.
[[nodiscard]] Expected<void>
save_key(sqlite::Database& db, rnp_key_handle_t primary, const StoredKey& key);

/// Fingerprints of certificates with a (sub)key of this key id or fingerprint; those with secret
/// part first.
[[nodiscard]] Expected<std::vector<std::string>>
certificates_with_id(sqlite::Database& db, std::string_view id);

} // namespace pep::engine
