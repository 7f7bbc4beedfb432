// The key ring: OpenPGP certificates in the store and everything done with them. Fingerprints are
// those of primary keys, upper case hex; inputs in lower case or with blanks are normalised.
// Nothing here knows identities or trust. One KeyRing per thread; other connections' changes are
// noticed.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"
#include "engine/backend/sqlite.hpp"
#include "engine/owned.hpp"
#include "pEp/pEpEngine.h"

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// The passphrase of a call: null means none is configured. Borrowed for the duration of the call.
using Passphrase = const Secret*;

/// One certificate met in imported data.
struct ImportedKey {
    std::string fpr;
    bool changed = false; ///< public part new or changed
    bool secret = false;  ///< came with a secret part
    std::string address;  ///< normalised mail address (or URI) of the first user id
    std::string username; ///< display name of the first user id
};

struct ImportResult {
    PEP_STATUS status =
        PEP_NO_KEY_IMPORTED;       ///< KEY_IMPORTED, NO_KEY_IMPORTED or SOME_KEYS_IMPORTED
    std::vector<ImportedKey> keys; ///< in order of appearance
};

struct GenerateParams {
    std::string address;  ///< mail address or URI, required
    std::string username; ///< may be empty
    PEP_CIPHER_SUITE suite = PEP_CIPHER_SUITE_DEFAULT;
    Passphrase passphrase = nullptr; ///< protects the secret key
    std::uint32_t lifetime_s = 365U * 24 * 3600;

    friend bool operator==(const GenerateParams&, const GenerateParams&) = default;
};

/// Outcome of a decryption that produced plaintext.
struct Decrypted {
    /// DECRYPTED_AND_VERIFIED, DECRYPTED, VERIFY_SIGNER_KEY_REVOKED or
    /// DECRYPT_SIGNATURE_DOES_NOT_MATCH.
    PEP_STATUS status = PEP_DECRYPTED;
    std::string plaintext;
    std::vector<std::string>
        keylist;          ///< signers' primary fingerprints ("" if none), then recipients'
    std::string filename; ///< of the literal packet, characters / : \ % $ ` | replaced by -
};

/// Outcome of verifying a detached signature: VERIFIED, VERIFY_SIGNER_KEY_REVOKED, DECRYPTED
/// (signer expired or unfit), DECRYPT_SIGNATURE_DOES_NOT_MATCH, UNENCRYPTED (signer unknown),
/// VERIFY_NO_KEY (unparsable), DECRYPT_WRONG_FORMAT (empty).
struct Verified {
    PEP_STATUS status = PEP_UNENCRYPTED;
    std::vector<std::string> keylist;
};

/// Bytes from malloc, with a NUL behind them that `size` does not count.
struct Chars {
    OwnedChars bytes;
    std::size_t size = 0;
};

enum class Which { all, secret_only };
enum class Signing { sign, no_signature };

class KeyRing {
  public:
    explicit KeyRing(sqlite::Database& db); ///< `db` must outlive the ring
    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;
    ~KeyRing();

    /// Is a suite one that generate() can do?
    [[nodiscard]] static bool supports(PEP_CIPHER_SUITE suite);

    /// Make a key pair (engine reference 5) and store it; its fingerprint. CANNOT_CREATE_KEY on
    /// failure.
    [[nodiscard]] Expected<std::string> generate(const GenerateParams& params);

    /// Make that key pair already, without storing it; the next generate() with the same params
    /// takes it. To be called before a transaction: making a key may take seconds, and others want
    /// to write.
    [[nodiscard]] Expected<void> prepare(const GenerateParams& params);

    /// Forget a prepared key nobody took.
    void drop_prepared() noexcept;

    /// Import armored (one or several concatenated blocks) or binary keys and revocation
    /// certificates, merging with what is stored, all in one transaction. No OpenPGP data at all:
    /// UNKNOWN_ERROR.
    [[nodiscard]] Expected<ImportResult> import(std::string_view data);

    [[nodiscard]] Expected<std::string> export_public(std::string_view fpr
    ); ///< armored; KEY_NOT_FOUND
    [[nodiscard]] Expected<std::string> export_secret(std::string_view fpr
    ); ///< armored; KEY_NOT_FOUND

    /// Remove public and secret part; KEY_NOT_FOUND when absent.
    [[nodiscard]] Expected<void> remove(std::string_view fpr);

    /// Search rules of engine reference 3.3: address, or >= 16 hex digits; "" finds all.
    [[nodiscard]] Expected<std::vector<std::string>> find(std::string_view pattern, Which which);

    [[nodiscard]] Expected<bool> contains(std::string_view fpr);
    [[nodiscard]] Expected<bool> has_secret(std::string_view fpr); ///< false when absent

    /// Raw quality (engine reference 4.2): revoked, b0rken, expired now, strength. KEY_NOT_FOUND if
    /// absent.
    [[nodiscard]] Expected<PEP_comm_type> rating(std::string_view fpr);
    [[nodiscard]] Expected<bool> revoked(std::string_view fpr);
    [[nodiscard]] Expected<bool> expired(std::string_view fpr, std::time_t when);

    /// Extend primary key and all subkeys that are not revoked to `expires`. PASSPHRASE_REQUIRED /
    /// WRONG_PASSPHRASE.
    [[nodiscard]] Expected<void>
    renew(std::string_view fpr, std::time_t expires, Passphrase passphrase);

    /// Self-revoke; already revoked is fine.
    [[nodiscard]] Expected<void>
    revoke(std::string_view fpr, std::string_view reason, Passphrase passphrase);

    /// Armored OpenPGP message for all `fprs`; the first signs. KEY_NOT_FOUND for an absent key,
    /// KEY_UNSUITABLE when a recipient has no live encryption subkey. The message does not name the
    /// `hidden` among them: their key ids are zero (RFC 4880, 5.1).
    [[nodiscard]] Expected<std::string> encrypt(
        const std::vector<std::string>& fprs,
        std::string_view text,
        Signing signing,
        Passphrase passphrase,
        const std::vector<std::string>& hidden = {}
    );

    /// The same in memory of the C API, for big texts.
    [[nodiscard]] Expected<Chars> encrypt_to_chars(
        const std::vector<std::string>& fprs,
        std::string_view text,
        Signing signing,
        Passphrase passphrase,
        const std::vector<std::string>& hidden = {}
    );

    /// Decrypt and judge the signatures (engine messages 5). Errors: DECRYPT_NO_KEY,
    /// PASSPHRASE_REQUIRED, WRONG_PASSPHRASE, DECRYPT_WRONG_FORMAT, CANNOT_DECRYPT_UNKNOWN (also:
    /// modified or not integrity protected; no plaintext comes out then).
    [[nodiscard]] Expected<Decrypted> decrypt(std::string_view ciphertext, Passphrase passphrase);

    /// Armored detached binary signature by the key.
    [[nodiscard]] Expected<std::string>
    sign_detached(std::string_view text, std::string_view fpr, Passphrase passphrase);
    [[nodiscard]] Expected<Verified>
    verify_detached(std::string_view text, std::string_view signature);

    /// Sign and encrypt a few bytes with the key alone: is its secret part usable now?
    [[nodiscard]] Expected<void> probe(std::string_view fpr, Passphrase passphrase);

    /// (fingerprint, primary user id) of the keys find() gives for `pattern` that are not revoked.
    [[nodiscard]] Expected<std::vector<std::pair<std::string, std::string>>>
    list(std::string_view pattern);

    /// Lock the secret keys kept unlocked and forget the passphrases that unlocked them. There is
    /// no need to when the configured passphrase changes: each reaches only what it unlocked.
    void lock();

    /// Whether a passphrase unlocked something since forget_passphrase_use().
    void forget_passphrase_use();
    [[nodiscard]] bool passphrase_was_used() const;

    /// How often a key was derived from a passphrase, which is slow by intention.
    [[nodiscard]] std::uint64_t derivations() const;

    /// The inside, shared by the files that implement the ring.
    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

/// Upper case hex digits of a fingerprint without blanks; "" when something else is in it.
[[nodiscard]] std::string normalised_fpr(std::string_view fpr);

} // namespace pep::engine
