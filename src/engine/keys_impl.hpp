// The inside of KeyRing, shared by the files that implement it: keys.cpp (look-up, export),
// keys_import.cpp, keys_properties.cpp, keys_make.cpp (generate, renew, revoke), keys_encrypt.cpp,
// keys_decrypt.cpp.
#pragma once

#include "base/secret.hpp"
#include "engine/backend/rnp.hpp"
#include "engine/guard.hpp"
#include "engine/import_memo.hpp"
#include "engine/key_cache.hpp"
#include "engine/key_table.hpp"
#include "engine/key_view.hpp"
#include "engine/keys.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// A key pair that was made, but not stored.
struct MadeKey {
    GenerateParams params;
    rnp::Ffi ffi;
    rnp::Key primary; ///< goes before ffi
    StoredKey key;

    MadeKey() = default;
    MadeKey(const MadeKey&) = delete;
    MadeKey& operator=(const MadeKey&) = delete;

    ~MadeKey() { wipe(key.secret_key.data(), key.secret_key.size()); }
};

struct KeyRing::Impl {
    explicit Impl(sqlite::Database& database) : db(&database), cache(database) {}

    sqlite::Database* db; // borrowed
    KeyCache cache;
    ImportMemo memo;
    std::unique_ptr<MadeKey> prepared; ///< see prepare()

    /// The last public key that was exported: mails carry the same one again and again.
    struct {
        std::string key, armored;
    } exported;

    /// View a certificate inside an operation; `fpr` in any spelling.
    [[nodiscard]] Expected<KeyView> view(std::string_view fpr, Part part);

    /// View a certificate's public part in an operation of its own.
    [[nodiscard]] Expected<KeyView> look_at(std::string_view fpr);

    /// A stored key for changing it apart from the cache; KEY_NOT_FOUND.
    [[nodiscard]] Expected<StoredKey> stored(std::string_view fpr);

    /// Write a changed key and drop its cached form.
    [[nodiscard]] Expected<void> save(rnp_key_handle_t primary, const StoredKey& key);

    /// Import one certificate into an open transaction: merge, index, report. False if it is
    /// unusable.
    [[nodiscard]] Expected<bool> import_certificate(std::string_view bytes, ImportResult& result);

    /// Merge a stand-alone revocation into its stored key. False if there is none it fits.
    [[nodiscard]] Expected<bool> import_revocation(std::string_view bytes, ImportResult& result);

    /// The certificate's (sub)key to sign with, unlocked. KEY_NOT_FOUND without secret signing key,
    /// KEY_UNSUITABLE when it is expired or revoked, PASSPHRASE_REQUIRED, WRONG_PASSPHRASE.
    [[nodiscard]] Expected<rnp::Key> signing_key(std::string_view fpr);
};

/// The statuses of a locked key as errors; nothing for Unlocked::yes.
[[nodiscard]] Expected<void> usable(Unlocked outcome);

} // namespace pep::engine
