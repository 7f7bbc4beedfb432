// The certificates one thread works with at the moment: an ffi filled from the database on demand
// (loading into librnp is quadratic, so it stays small), and the secret keys unlocked with the
// passphrase of the day.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"
#include "engine/backend/rnp.hpp"
#include "engine/backend/sqlite.hpp"
#include "engine/key_view.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// Public or also the secret part of a certificate.
enum class Part { public_only, with_secret };

/// What became of an attempt to make a secret key usable.
enum class Unlocked { yes, passphrase_required, wrong_passphrase };

/// One thread's; not movable, because librnp calls back into it.
class KeyCache {
  public:
    explicit KeyCache(sqlite::Database& db);
    KeyCache(const KeyCache&) = delete;
    KeyCache& operator=(const KeyCache&) = delete;
    ~KeyCache();

    /// Start an operation without secret keys: forget what other connections changed, and drop the
    /// least recently used certificates above the bound. Handles got before are void.
    [[nodiscard]] Expected<void> refresh();

    /// Start an operation with secret keys: refresh(), and lock everything unless `passphrase` is
    /// still the one it was unlocked with.
    [[nodiscard]] Expected<void> begin(const Secret* passphrase);

    /// A certificate's primary key; KEY_NOT_FOUND if it is not stored (or has no secret part, if
    /// asked for).
    [[nodiscard]] Expected<rnp::Key> load(const std::string& fpr, Part part);

    /// Drop a certificate after it changed.
    void forget(const std::string& fpr);

    /// Lock all secret keys and forget the passphrase.
    void lock();

    /// Make the secret part of a (sub)key usable for the rest of the operation.
    [[nodiscard]] Unlocked unlock(rnp_key_handle_t key);

    [[nodiscard]] rnp_ffi_t ffi() const { return ffi_.get(); }

    /// Fingerprints of (sub)keys librnp wanted to be unlocked since begin().
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

  private:
    struct Loaded {
        std::uint64_t used = 0;
        bool secret = false;
    };

    static void provide_key(
        rnp_ffi_t ffi, void* context, const char* type, const char* identifier, bool secret
    );
    static bool provide_password(
        rnp_ffi_t ffi,
        void* context,
        rnp_key_handle_t key,
        const char* purpose,
        char* buffer,
        std::size_t size
    );

    [[nodiscard]] Expected<void> reset();
    [[nodiscard]] Expected<bool> load_into_ffi(const std::string& fpr, Part part);
    void drop(const std::string& fpr);

    sqlite::Database* db_;
    rnp::Ffi ffi_;
    std::map<std::string, Loaded, std::less<>> loaded_;
    std::uint64_t clock_ = 0;
    std::int64_t data_version_ = -1;
    bool uncommitted_ = false; // something was loaded inside a transaction that may roll back
    std::optional<Secret> passphrase_;
    std::vector<std::string> unlocked_;
    std::vector<std::string> asked_;
};

/// Load a binary certificate into an ffi, skipping what librnp does not understand; false if it
/// refuses all.
[[nodiscard]] bool load_certificate(rnp_ffi_t ffi, std::string_view bytes, std::uint32_t parts);

} // namespace pep::engine
