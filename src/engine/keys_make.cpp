// Making keys and re-signing own ones: generation, renewal, revocation. All of it happens in an ffi
// of its own, so that nothing unlocked stays behind, and ends with one write.
#include "engine/key_address.hpp"
#include "engine/keys_impl.hpp"
#include "engine/openpgp_packets.hpp"

#include <array>
#include <cstring>
#include <ctime>

namespace pep::engine {

namespace {

constexpr auto signature_hash = "SHA256"; // librnp takes a longer one where a curve needs it

/// 5 ms a try: what an attacker with the database has to spend per guess and core.
constexpr std::uint32_t s2k_iterations = 1 << 20;

/// A cipher suite, as librnp's generation wants to be told.
struct Suite {
    PEP_CIPHER_SUITE suite;
    const char* sign_algorithm;
    const char* encrypt_algorithm;
    const char* sign_curve; // null: the algorithm has none
    const char* encrypt_curve;
    std::uint32_t bits; // 0: the curve tells
};

constexpr std::array suites{
    Suite{PEP_CIPHER_SUITE_DEFAULT, "EDDSA", "ECDH", nullptr, "Curve25519", 0},
    Suite{PEP_CIPHER_SUITE_CV25519, "EDDSA", "ECDH", nullptr, "Curve25519", 0},
    Suite{PEP_CIPHER_SUITE_P256, "ECDSA", "ECDH", "NIST P-256", "NIST P-256", 0},
    Suite{PEP_CIPHER_SUITE_P384, "ECDSA", "ECDH", "NIST P-384", "NIST P-384", 0},
    Suite{PEP_CIPHER_SUITE_P521, "ECDSA", "ECDH", "NIST P-521", "NIST P-521", 0},
    Suite{PEP_CIPHER_SUITE_RSA2K, "RSA", "RSA", nullptr, nullptr, 2048},
    Suite{PEP_CIPHER_SUITE_RSA3K, "RSA", "RSA", nullptr, nullptr, 3072},
    Suite{PEP_CIPHER_SUITE_RSA4K, "RSA", "RSA", nullptr, nullptr, 4096},
};

/// Null for a suite that is not offered: RSA8K, as in the engine 3.3.
const Suite* find_suite(PEP_CIPHER_SUITE wanted) {
    for (const auto& suite : suites)
        if (suite.suite == wanted)
            return &suite;
    return nullptr;
}

/// Answers librnp's question for a password with the one that set_passphrase() gave it.
bool give_passphrase(
    rnp_ffi_t /*ffi*/,
    void* context,
    rnp_key_handle_t /*key*/,
    const char* /*purpose*/,
    char* buffer,
    std::size_t size
) {
    const auto* passphrase = static_cast<const Secret*>(context);
    // The buffer must hold the NUL as well.
    if (passphrase == nullptr || passphrase->size() + 1 > size)
        return false;
    std::memcpy(buffer, passphrase->c_str(), passphrase->size() + 1);
    return true;
}

bool set_passphrase(rnp_ffi_t ffi, Passphrase passphrase) {
    // librnp's context is not const, but is only read.
    return rnp_ffi_set_pass_provider(ffi, &give_passphrase, const_cast<Secret*>(passphrase)) ==
           RNP_SUCCESS;
}

/// The calls have all been made by then, whatever became of the first ones.
bool all_done(std::initializer_list<rnp_result_t> results) {
    for (const auto result : results)
        if (result != RNP_SUCCESS)
            return false;
    return true;
}

/// What primary key and subkey have in common, then make it.
rnp::Key
execute(rnp_op_generate_t op, const GenerateParams& params, const char* curve, std::uint32_t bits) {
    bool ready = rnp_op_generate_set_expiration(op, params.lifetime_s) == RNP_SUCCESS;
    ready = ready && rnp_op_generate_set_hash(op, signature_hash) == RNP_SUCCESS;
    if (curve != nullptr)
        ready = ready && rnp_op_generate_set_curve(op, curve) == RNP_SUCCESS;
    if (bits != 0)
        ready = ready && rnp_op_generate_set_bits(op, bits) == RNP_SUCCESS;
    if (params.passphrase != nullptr)
        ready =
            ready && all_done({
                         rnp_op_generate_set_protection_password(op, params.passphrase->c_str()),
                         rnp_op_generate_set_protection_cipher(op, "AES256"),
                         rnp_op_generate_set_protection_hash(op, "SHA256"),
                         rnp_op_generate_set_protection_iterations(op, s2k_iterations),
                     });
    if (!ready || rnp_op_generate_execute(op) != RNP_SUCCESS)
        return nullptr;
    return rnp::make<rnp::Key>([&](auto* out) { return rnp_op_generate_get_key(op, out); });
}

/// It signs as well, so the only subkey is the one that decrypts.
rnp::Key make_primary(
    rnp_ffi_t ffi, const Suite& suite, const GenerateParams& params, const std::string& user_id
) {
    const auto op = rnp::make<rnp::GenerateOp>([&](auto* out) {
        return rnp_op_generate_create(out, ffi, suite.sign_algorithm);
    });
    if (!op || !all_done({
                   rnp_op_generate_add_usage(op.get(), "certify"),
                   rnp_op_generate_add_usage(op.get(), "sign"),
                   rnp_op_generate_set_userid(op.get(), user_id.c_str()),
                   rnp_op_generate_add_pref_cipher(op.get(), "AES256"),
                   rnp_op_generate_add_pref_cipher(op.get(), "AES128"),
                   rnp_op_generate_add_pref_hash(op.get(), "SHA512"),
                   rnp_op_generate_add_pref_hash(op.get(), "SHA256"),
                   rnp_op_generate_add_pref_compression(op.get(), "Uncompressed"),
                   rnp_op_generate_add_pref_compression(op.get(), "ZIP"),
               }))
        return nullptr;
    return execute(op.get(), params, suite.sign_curve, suite.bits);
}

/// Bound to `primary` by a signature, for which librnp may have to unlock it.
rnp::Key make_subkey(
    rnp_ffi_t ffi, rnp_key_handle_t primary, const Suite& suite, const GenerateParams& params
) {
    const auto op = rnp::make<rnp::GenerateOp>([&](auto* out) {
        return rnp_op_generate_subkey_create(out, ffi, primary, suite.encrypt_algorithm);
    });
    if (!op || rnp_op_generate_add_usage(op.get(), "encrypt") != RNP_SUCCESS)
        return nullptr;
    return execute(op.get(), params, suite.encrypt_curve, suite.bits);
}

/// An own key in a scratch ffi, ready to sign about itself.
struct Workshop {
    rnp::Ffi ffi;
    KeyView view;
};

/// Apart from the key cache, which remembers nothing of it.
Expected<void> unlock(rnp_key_handle_t key, Passphrase passphrase) {
    // Not protected: no passphrase is looked at, right or wrong.
    if (!rnp::value<bool>([&](bool* out) { return rnp_key_is_locked(key, out); }))
        return {};
    if (passphrase == nullptr)
        return usable(Unlocked::passphrase_required);
    return usable(
        rnp_key_unlock(key, passphrase->c_str()) == RNP_SUCCESS ? Unlocked::yes
                                                                : Unlocked::wrong_passphrase
    );
}

/// KEY_NOT_FOUND without the secret primary key, which alone can sign about the certificate.
Expected<Workshop>
open_workshop(const StoredKey& key, const std::string& fpr, Passphrase passphrase) {
    Workshop shop;
    shop.ffi = rnp::make_ffi();
    auto whole = with_secrets(key.public_key, key.secret_key);
    const rnp::WipeAtExit wipe_whole{whole};
    // Both parts: one signs, the other is exported with the result.
    if (!shop.ffi || !load_certificate(shop.ffi.get(), key.public_key, RNP_LOAD_SAVE_PUBLIC_KEYS))
        return fail(PEP_UNKNOWN_ERROR, "a stored key cannot be read");
    if (key.secret_key.empty() ||
        !load_certificate(shop.ffi.get(), whole, RNP_LOAD_SAVE_SECRET_KEYS))
        return fail(PEP_KEY_NOT_FOUND, "the key has no secret part");
    auto primary = rnp::locate(shop.ffi.get(), fpr);
    if (!primary || !has_secret_material(primary.get()))
        return fail(PEP_KEY_NOT_FOUND, "the secret primary key is not here");
    if (auto unlocked = unlock(primary.get(), passphrase); !unlocked)
        return fail(unlocked);
    shop.view = view_key(std::move(primary));
    return shop;
}

/// Null on failure.
std::unique_ptr<MadeKey> make_key(const GenerateParams& params) {
    const auto* suite = find_suite(params.suite);
    // "" for an address no user id can state.
    const auto user_id = user_id_text(params.username, params.address);
    auto made = std::make_unique<MadeKey>();
    made->params = params;
    made->ffi = rnp::make_ffi();
    // The subkey is bound by the primary key, which is already protected by then.
    if (suite == nullptr || user_id.empty() || !made->ffi ||
        !set_passphrase(made->ffi.get(), params.passphrase))
        return nullptr;
    made->primary = make_primary(made->ffi.get(), *suite, params, user_id);
    const auto subkey =
        made->primary ? make_subkey(made->ffi.get(), made->primary.get(), *suite, params) : nullptr;
    if (!subkey)
        return nullptr;
    made->key.public_key = rnp::export_certificate(made->primary.get(), RNP_KEY_EXPORT_PUBLIC);
    // Only its secret packets are stored: the rest is in the public part.
    auto whole = rnp::export_certificate(made->primary.get(), RNP_KEY_EXPORT_SECRET);
    const rnp::WipeAtExit wipe_whole{whole};
    made->key.secret_key = merged_secrets(made->key.public_key, {}, whole);
    // Each of the exports may have failed.
    const bool complete = !made->key.public_key.empty() && !made->key.secret_key.empty();
    return complete ? std::move(made) : nullptr;
}

} // namespace

Expected<void> usable(Unlocked outcome) {
    switch (outcome) {
    case Unlocked::yes:
        return {};
    case Unlocked::passphrase_required:
        return fail(PEP_PASSPHRASE_REQUIRED, "the key is protected by a passphrase");
    case Unlocked::wrong_passphrase:
        return fail(PEP_WRONG_PASSPHRASE, "the passphrase does not fit the key");
    }
    return fail(PEP_UNKNOWN_ERROR, "the key cannot be unlocked");
}

bool KeyRing::supports(PEP_CIPHER_SUITE suite) { return find_suite(suite) != nullptr; }

Expected<std::string> KeyRing::generate(const GenerateParams& params) {
    // The passphrase is compared by address: both calls have it from the same session.
    if (!impl_->prepared || impl_->prepared->params != params)
        if (auto made = prepare(params); !made)
            return fail(made);
    // Taken before it is saved: after a failure nobody else gets it.
    const auto made = std::move(impl_->prepared);
    if (auto saved = impl_->save(made->primary.get(), made->key); !saved)
        return fail(saved);
    return rnp::fingerprint(made->primary.get());
}

Expected<void> KeyRing::prepare(const GenerateParams& params) {
    // Only one is kept: nobody came for the last.
    drop_prepared();
    auto made = make_key(params);
    if (!made)
        return fail(PEP_CANNOT_CREATE_KEY, "the key cannot be made");
    impl_->prepared = std::move(made);
    return {};
}

void KeyRing::drop_prepared() noexcept { impl_->prepared.reset(); }

Expected<void> KeyRing::renew(std::string_view fpr, std::time_t expires, Passphrase passphrase) {
    // From before the key is read, so that nobody's change in between is overwritten.
    auto transaction = sqlite::Transaction::begin(*impl_->db);
    if (!transaction)
        return fail(transaction);
    auto key = impl_->stored(fpr);
    if (!key)
        return fail(key);
    auto shop = open_workshop(*key, normalised_fpr(fpr), passphrase);
    if (!shop)
        return fail(shop);
    const auto until = static_cast<std::uint64_t>(expires < 0 ? 0 : expires);
    for (const auto& part : shop->view.parts) {
        // Subkeys that have expired are extended as well: the key comes back as a whole.
        if (!part.primary && (part.revoked() || !part.bound))
            continue;
        // A lifetime is a number of seconds since the creation, in 32 bits (RFC 4880, 5.2.3.6).
        if (until <= part.created || until - part.created > UINT32_MAX)
            return fail(PEP_UNKNOWN_ERROR, "a key cannot expire before it was made");
        // A signing subkey signs its own binding, too, hence its secret is needed.
        if (!part.primary && part.signs) {
            if (!has_secret_material(part.handle.get()))
                continue;
            if (auto unlocked = unlock(part.handle.get(), passphrase); !unlocked)
                return unlocked;
        }
        // librnp signs the part's binding, or the user ids of a primary key, once more.
        const auto lifetime = static_cast<std::uint32_t>(until - part.created);
        if (rnp_key_set_expiration(part.handle.get(), lifetime) != RNP_SUCCESS)
            return fail(PEP_UNKNOWN_ERROR, "the key cannot be renewed");
    }
    impl_->cache.note_use();
    auto* primary = shop->view.primary().handle.get();
    key->public_key = rnp::export_certificate(primary, RNP_KEY_EXPORT_PUBLIC);
    if (key->public_key.empty())
        return fail(PEP_UNKNOWN_ERROR, "the key cannot be renewed");
    if (auto saved = impl_->save(primary, *key); !saved)
        return saved;
    return transaction->commit();
}

Expected<void>
KeyRing::revoke(std::string_view fpr, std::string_view reason, Passphrase passphrase) {
    auto transaction = sqlite::Transaction::begin(*impl_->db); // as above
    if (!transaction)
        return fail(transaction);
    auto key = impl_->stored(fpr);
    if (!key)
        return fail(key);
    // Before the key is opened: a revoked one needs no passphrase to stay so.
    auto view = impl_->look_at(fpr);
    if (!view)
        return fail(view);
    if (view->primary().revoked())
        return {};
    auto shop = open_workshop(*key, normalised_fpr(fpr), passphrase);
    if (!shop)
        return fail(shop);
    impl_->cache.note_use();
    auto* primary = shop->view.primary().handle.get();
    const std::string text{reason};
    // Without a reason a revocation is hard: nothing the key ever signed counts any more.
    const auto revoked = rnp_key_revoke(primary, 0, signature_hash, "no", text.c_str());
    if (revoked == RNP_SUCCESS)
        key->public_key = rnp::export_certificate(primary, RNP_KEY_EXPORT_PUBLIC);
    if (revoked != RNP_SUCCESS || key->public_key.empty())
        return fail(PEP_UNKNOWN_ERROR, "the key cannot be revoked");
    if (auto saved = impl_->save(primary, *key); !saved)
        return saved;
    return transaction->commit();
}

} // namespace pep::engine
