// The certificates one thread works with at the moment: for each passphrase in use an ffi of its
// own, filled from the database on demand (loading into librnp is quadratic, so it stays small).
// What one passphrase unlocked is thus out of reach for all others.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"
#include "engine/backend/rnp.hpp"
#include "engine/backend/sqlite.hpp"
#include "engine/key_view.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

    /// Start an operation with secret keys: refresh(), but among the keys `passphrase` unlocked.
    [[nodiscard]] Expected<void> begin(const Secret* passphrase);

    /// A certificate's primary key; KEY_NOT_FOUND if it is not stored (or has no secret part, if
    /// asked for).
    [[nodiscard]] Expected<rnp::Key> load(const std::string& fpr, Part part);

    /// Drop a certificate after it changed.
    void forget(const std::string& fpr);

    /// Forget all passphrases and what they unlocked. Handles got before are void.
    void lock();

    /// Make the secret part of a (sub)key usable for the rest of the operation.
    [[nodiscard]] Unlocked unlock(rnp_key_handle_t key);

    [[nodiscard]] rnp_ffi_t ffi() const { return current_->ffi.get(); }

    /// Fingerprints of (sub)keys librnp wanted to be unlocked since begin().
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

    /// The (sub)key of that id decrypted something.
    void note_decryption(std::string_view key_id);

    /// The passphrase unlocked a key outside of the cache.
    void note_use() noexcept { used_ = true; }

    /// Has a passphrase unlocked something since forget_use()?
    [[nodiscard]] bool was_used() const noexcept { return used_; }

    void forget_use() noexcept { used_ = false; }

    /// How often a key was derived from a passphrase: about 0.1 s each, by intention.
    [[nodiscard]] std::uint64_t derivations() const noexcept { return derivations_; }

  private:
    using Clock = std::chrono::steady_clock;

    struct Loaded {
        std::uint64_t used = 0;
        bool secret = false;
    };

    /// What belongs to one passphrase, or to none.
    struct Compartment {
        std::optional<Secret> passphrase;
        rnp::Ffi ffi;
        std::map<std::string, Loaded, std::less<>> loaded;
        std::set<std::string> unlocked; // by the passphrase
        std::set<std::string> refused;  // the passphrase does not fit: no need to derive it again
        std::int64_t data_version = -1;
        bool uncommitted = false;    // something was loaded inside a transaction
        std::uint64_t rollbacks = 0; // of the database, when last reset
        Clock::time_point last_use;
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

    [[nodiscard]] Compartment& compartment_of(const Secret& passphrase);
    [[nodiscard]] Expected<void> enter(Compartment& compartment);
    [[nodiscard]] Expected<void> reset(Compartment& compartment);
    [[nodiscard]] Expected<bool> load_into_ffi(const std::string& fpr, Part part);
    static void drop(Compartment& compartment, const std::string& fpr);
    void drop_idle(Clock::time_point now);

    sqlite::Database* db_;
    Compartment open_;                                // without passphrase
    std::vector<std::unique_ptr<Compartment>> keyed_; // with one each
    Compartment* current_ = &open_;
    std::uint64_t clock_ = 0;
    std::vector<std::string> asked_;
    bool used_ = false;
    std::uint64_t derivations_ = 0;
};

/// Load a binary certificate into an ffi, skipping what librnp does not understand; false if it
/// refuses all.
[[nodiscard]] bool load_certificate(rnp_ffi_t ffi, std::string_view bytes, std::uint32_t parts);

} // namespace pep::engine
