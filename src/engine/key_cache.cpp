// librnp asks for keys and passphrases by callback while an operation runs; nothing is evicted
// meanwhile.
#include "engine/key_cache.hpp"

#include "engine/guard.hpp"
#include "engine/key_table.hpp"
#include "engine/openpgp_packets.hpp"

#include <algorithm>
#include <cstring>

namespace pep::engine {

namespace {

/// More than the recipients of nearly all mails, few enough for librnp's linear look-ups.
constexpr std::size_t max_loaded = 64;

} // namespace

bool load_certificate(rnp_ffi_t ffi, std::string_view bytes, std::uint32_t parts) {
    const auto input = rnp::input_from(bytes);
    // rnp_load_keys() does not know the permissive flag.
    return input && rnp_import_keys(ffi, input.get(), parts | RNP_LOAD_SAVE_PERMISSIVE, nullptr) ==
                        RNP_SUCCESS;
}

KeyCache::KeyCache(sqlite::Database& db) : db_(&db) {}

KeyCache::~KeyCache() { lock(); }

Expected<void> KeyCache::refresh() {
    asked_.clear();
    const auto version = db_->data_version();
    if (!ffi_ || version != data_version_ || (uncommitted_ && !db_->in_transaction())) {
        if (auto done = reset(); !done)
            return done;
        data_version_ = version;
    }
    while (loaded_.size() > max_loaded) {
        const auto oldest =
            std::min_element(loaded_.begin(), loaded_.end(), [](const auto& a, const auto& b) {
                return a.second.used < b.second.used;
            });
        drop(std::string{oldest->first});
    }
    return {};
}

Expected<void> KeyCache::begin(const Secret* passphrase) {
    if (auto done = refresh(); !done)
        return done;
    if (passphrase != nullptr && passphrase_ && passphrase_->equals(passphrase->reveal()))
        return {};
    lock();
    if (passphrase != nullptr)
        passphrase_ = *passphrase;
    return {};
}

Expected<void> KeyCache::reset() {
    loaded_.clear();
    unlocked_.clear();
    uncommitted_ = false;
    ffi_ = rnp::make_ffi();
    if (!ffi_ || rnp_ffi_set_key_provider(ffi_.get(), &provide_key, this) != RNP_SUCCESS ||
        rnp_ffi_set_pass_provider(ffi_.get(), &provide_password, this) != RNP_SUCCESS)
        return fail(PEP_OUT_OF_MEMORY, "the OpenPGP library cannot be set up");
    return {};
}

Expected<rnp::Key> KeyCache::load(const std::string& fpr, Part part) {
    auto found = load_into_ffi(fpr, part);
    if (!found)
        return fail(found);
    auto key = *found ? rnp::locate(ffi_.get(), fpr) : nullptr;
    if (!key)
        return fail(PEP_KEY_NOT_FOUND, "no such key");
    return key;
}

Expected<bool> KeyCache::load_into_ffi(const std::string& fpr, Part part) {
    const bool secret = part == Part::with_secret;
    if (auto known = loaded_.find(fpr); known != loaded_.end()) {
        known->second.used = ++clock_;
        if (!secret || known->second.secret)
            return true;
    }
    auto stored = stored_key(*db_, fpr);
    if (!stored)
        return fail(stored);
    if (!*stored || (secret && (*stored)->secret_key.empty()))
        return false;
    auto& key = **stored;
    auto& entry = loaded_[fpr];
    if (entry.used == 0 &&
        !load_certificate(ffi_.get(), key.public_key, RNP_LOAD_SAVE_PUBLIC_KEYS)) {
        loaded_.erase(fpr);
        return fail(PEP_UNKNOWN_DB_ERROR, "a stored key cannot be read");
    }
    entry.used = ++clock_;
    uncommitted_ = uncommitted_ || db_->in_transaction();
    if (secret) {
        auto whole = with_secrets(key.public_key, key.secret_key);
        const rnp::WipeAtExit wipe_whole{whole};
        if (!load_certificate(ffi_.get(), whole, RNP_LOAD_SAVE_SECRET_KEYS))
            return fail(PEP_UNKNOWN_DB_ERROR, "a stored secret key cannot be read");
        entry.secret = true;
    }
    return true;
}

void KeyCache::forget(const std::string& fpr) {
    if (loaded_.contains(fpr))
        drop(fpr);
}

void KeyCache::drop(const std::string& fpr) {
    const bool secret = loaded_.at(fpr).secret;
    loaded_.erase(fpr);
    const auto key = rnp::locate(ffi_.get(), fpr);
    std::uint32_t parts = RNP_KEY_REMOVE_PUBLIC | RNP_KEY_REMOVE_SUBKEYS;
    if (secret)
        parts |= RNP_KEY_REMOVE_SECRET;
    if (!key || rnp_key_remove(key.get(), parts) != RNP_SUCCESS)
        data_version_ = -1; // begin() starts over with an empty ffi
}

void KeyCache::lock() {
    for (const auto& fpr : unlocked_)
        if (const auto key = rnp::locate(ffi_.get(), fpr))
            (void)rnp_key_lock(key.get());
    unlocked_.clear();
    passphrase_.reset();
}

Unlocked KeyCache::unlock(rnp_key_handle_t key) {
    if (!rnp::value<bool>([&](bool* out) { return rnp_key_is_locked(key, out); }))
        return Unlocked::yes;
    if (!passphrase_)
        return Unlocked::passphrase_required;
    if (rnp_key_unlock(key, passphrase_->c_str()) != RNP_SUCCESS)
        return Unlocked::wrong_passphrase;
    unlocked_.push_back(rnp::fingerprint(key));
    return Unlocked::yes;
}

void KeyCache::provide_key(
    rnp_ffi_t /*ffi*/, void* context, const char* type, const char* identifier, bool secret
) {
    auto& self = *static_cast<KeyCache*>(context);
    const std::string_view kind{type};
    if (kind != "keyid" && kind != "fingerprint")
        return;
    try {
        const auto certificates = certificates_with_id(*self.db_, identifier);
        if (!certificates)
            return;
        for (const auto& fpr : *certificates)
            (void)self.load_into_ffi(fpr, secret ? Part::with_secret : Part::public_only);
    } catch (...) {
        return; // the key stays unknown; nothing may be thrown through librnp
    }
}

bool KeyCache::provide_password(
    rnp_ffi_t /*ffi*/,
    void* context,
    rnp_key_handle_t key,
    const char* /*purpose*/,
    char* buffer,
    std::size_t size
) {
    auto& self = *static_cast<KeyCache*>(context);
    if (key == nullptr) // a message encrypted with a password of its own: not ours to know
        return false;
    try {
        self.asked_.push_back(rnp::fingerprint(key));
    } catch (...) {
        return false;
    }
    if (!self.passphrase_ || self.passphrase_->size() + 1 > size)
        return false;
    std::memcpy(buffer, self.passphrase_->c_str(), self.passphrase_->size() + 1);
    return true;
}

} // namespace pep::engine
