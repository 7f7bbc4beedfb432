// librnp asks for keys and passphrases by callback while an operation runs; nothing is evicted
// meanwhile. Deriving a key from a passphrase is slow by intention, so both outcomes are
// remembered.
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

/// Passphrases whose unlocked keys are kept at once. A user has one or two.
constexpr std::size_t max_passphrases = 8;

/// Unlocked keys nobody used for that long are dropped at the thread's next operation.
constexpr std::chrono::minutes idle_time{10};

} // namespace

bool load_certificate(rnp_ffi_t ffi, std::string_view bytes, std::uint32_t parts) {
    const auto input = rnp::input_from(bytes);
    // rnp_load_keys() does not know the permissive flag.
    return input && rnp_import_keys(ffi, input.get(), parts | RNP_LOAD_SAVE_PERMISSIVE, nullptr) ==
                        RNP_SUCCESS;
}

KeyCache::KeyCache(sqlite::Database& db) : db_(&db) {}

KeyCache::~KeyCache() = default;

Expected<void> KeyCache::refresh() { return begin(nullptr); }

Expected<void> KeyCache::begin(const Secret* passphrase) {
    asked_.clear();
    const auto now = Clock::now();
    drop_idle(now);
    auto& wanted = passphrase != nullptr ? compartment_of(*passphrase) : open_;
    wanted.last_use = now;
    return enter(wanted);
}

void KeyCache::drop_idle(Clock::time_point now) {
    // The one in use may be among those that go.
    current_ = &open_;
    std::erase_if(keyed_, [&](const auto& keyed) { return now - keyed->last_use > idle_time; });
}

KeyCache::Compartment& KeyCache::compartment_of(const Secret& passphrase) {
    const auto known = std::ranges::find_if(keyed_, [&](const auto& keyed) {
        // In a time that depends on lengths only.
        return keyed->passphrase->equals(passphrase.reveal());
    });
    if (known != keyed_.end())
        return **known;
    // The one unused for the longest time goes: its keys are the least likely to be missed.
    if (keyed_.size() >= max_passphrases)
        keyed_.erase(std::ranges::min_element(keyed_, {}, [](const auto& keyed) {
            return keyed->last_use;
        }));
    keyed_.push_back(std::make_unique<Compartment>());
    keyed_.back()->passphrase = passphrase;
    return *keyed_.back();
}

Expected<void> KeyCache::enter(Compartment& compartment) {
    current_ = &compartment;
    // Another connection may have changed any key. SQLite does not tell which, so all are
    // forgotten.
    const auto version = db_->data_version();
    // What was read inside a transaction that was taken back may never have been stored.
    const bool rolled_back = compartment.uncommitted && compartment.rollbacks != db_->rollbacks();
    if (!compartment.ffi || version != compartment.data_version || rolled_back) {
        if (auto done = reset(compartment); !done)
            return done;
        compartment.data_version = version;
    }
    auto& loaded = compartment.loaded;
    // Only here, between operations: removing a key makes handles of it invalid.
    while (loaded.size() > max_loaded) {
        const auto oldest = std::ranges::min_element(loaded, {}, [](const auto& entry) {
            return entry.second.used;
        });
        drop(compartment, std::string{oldest->first});
    }
    return {};
}

Expected<void> KeyCache::reset(Compartment& compartment) {
    compartment.loaded.clear();
    // Keys are unlocked within an ffi, so what is noted about them goes with it.
    compartment.unlocked.clear();
    compartment.refused.clear();
    compartment.uncommitted = false;
    compartment.rollbacks = db_->rollbacks();
    compartment.ffi = rnp::make_ffi();
    // librnp asks for keys it misses: nobody has to know beforehand which ones a message needs.
    auto* ffi = compartment.ffi.get();
    if (ffi == nullptr || rnp_ffi_set_key_provider(ffi, &provide_key, this) != RNP_SUCCESS ||
        rnp_ffi_set_pass_provider(ffi, &provide_password, this) != RNP_SUCCESS)
        return fail(PEP_OUT_OF_MEMORY, "the OpenPGP library cannot be set up");
    return {};
}

Expected<rnp::Key> KeyCache::load(const std::string& fpr, Part part) {
    auto found = load_into_ffi(fpr, part);
    if (!found)
        return fail(found);
    auto key = *found ? rnp::locate(ffi(), fpr) : nullptr;
    if (!key)
        return fail(PEP_KEY_NOT_FOUND, "no such key");
    return key;
}

Expected<bool> KeyCache::load_into_ffi(const std::string& fpr, Part part) {
    const bool secret = part == Part::with_secret;
    auto& loaded = current_->loaded;
    if (auto known = loaded.find(fpr); known != loaded.end()) {
        known->second.used = ++clock_;
        // Else only the secret part is missing, which is added below.
        if (!secret || known->second.secret)
            return true;
    }
    auto stored = stored_key(*db_, fpr);
    if (!stored)
        return fail(stored);
    if (!*stored || (secret && (*stored)->secret_key.empty()))
        return false;
    auto& key = **stored;
    // An entry that was used before has its public part loaded already.
    auto& entry = loaded[fpr];
    if (entry.used == 0 && !load_certificate(ffi(), key.public_key, RNP_LOAD_SAVE_PUBLIC_KEYS)) {
        loaded.erase(fpr);
        return fail(PEP_UNKNOWN_DB_ERROR, "a stored key cannot be read");
    }
    entry.used = ++clock_;
    current_->uncommitted = current_->uncommitted || db_->in_transaction();
    if (secret) {
        // librnp reads whole transferable keys; stored are the secret packets only.
        auto whole = with_secrets(key.public_key, key.secret_key);
        const rnp::WipeAtExit wipe_whole{whole};
        if (!load_certificate(ffi(), whole, RNP_LOAD_SAVE_SECRET_KEYS))
            return fail(PEP_UNKNOWN_DB_ERROR, "a stored secret key cannot be read");
        entry.secret = true;
    }
    return true;
}

void KeyCache::forget(const std::string& fpr) {
    // Each compartment may have a copy of its own.
    drop(open_, fpr);
    for (const auto& keyed : keyed_)
        drop(*keyed, fpr);
}

void KeyCache::drop(Compartment& compartment, const std::string& fpr) {
    compartment.refused.clear(); // perhaps its passphrase changed
    const auto entry = compartment.loaded.find(fpr);
    if (entry == compartment.loaded.end())
        return;
    std::uint32_t parts = RNP_KEY_REMOVE_PUBLIC | RNP_KEY_REMOVE_SUBKEYS;
    if (entry->second.secret)
        parts |= RNP_KEY_REMOVE_SECRET;
    compartment.loaded.erase(entry);
    const auto key = rnp::locate(compartment.ffi.get(), fpr);
    if (!key || rnp_key_remove(key.get(), parts) != RNP_SUCCESS)
        compartment.data_version = -1; // begin() starts over with an empty ffi
}

void KeyCache::lock() {
    current_ = &open_;
    keyed_.clear();
    used_ = false;
}

Unlocked KeyCache::unlock(rnp_key_handle_t key) {
    const auto fpr = rnp::fingerprint(key);
    // Open already. That is the passphrase's merit only if it unlocked the key before.
    if (!rnp::value<bool>([&](bool* out) { return rnp_key_is_locked(key, out); })) {
        used_ = used_ || current_->unlocked.contains(fpr);
        return Unlocked::yes;
    }
    if (!current_->passphrase)
        return Unlocked::passphrase_required;
    // Deriving a key in vain takes as long as deriving the right one.
    if (current_->refused.contains(fpr))
        return Unlocked::wrong_passphrase;
    ++derivations_;
    if (rnp_key_unlock(key, current_->passphrase->c_str()) != RNP_SUCCESS) {
        current_->refused.insert(fpr);
        return Unlocked::wrong_passphrase;
    }
    current_->unlocked.insert(fpr);
    used_ = true;
    return Unlocked::yes;
}

void KeyCache::note_decryption(std::string_view key_id) {
    // The key id is the end of the fingerprint (RFC 4880, 12.2).
    used_ = used_ || std::ranges::any_of(current_->unlocked, [&](const std::string& fpr) {
                return !key_id.empty() && fpr.ends_with(key_id);
            });
}

void KeyCache::provide_key(
    rnp_ffi_t /*ffi*/, void* context, const char* type, const char* identifier, bool secret
) {
    auto& self = *static_cast<KeyCache*>(context);
    const std::string_view kind{type};
    // Messages name keys in no other way.
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
    const auto& passphrase = self.current_->passphrase;
    try {
        auto fpr = rnp::fingerprint(key);
        const bool refused = self.current_->refused.contains(fpr);
        self.asked_.push_back(std::move(fpr));
        if (refused)
            return false;
    } catch (...) {
        return false;
    }
    // librnp's buffer must hold the NUL as well.
    if (!passphrase || passphrase->size() + 1 > size)
        return false;
    ++self.derivations_;
    std::memcpy(buffer, passphrase->c_str(), passphrase->size() + 1);
    return true;
}

} // namespace pep::engine
