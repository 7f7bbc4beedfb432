// Looking keys up, listing, exporting and removing them. Listings come oldest first.
#include "engine/keys.hpp"

#include "base/text.hpp"
#include "engine/key_address.hpp"
#include "engine/keys_impl.hpp"
#include "engine/openpgp_packets.hpp"

#include <algorithm>
#include <cctype>

namespace pep::engine {

namespace {

constexpr std::size_t key_id_digits = 16;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

/// All rows of a query for fingerprints.
Expected<std::vector<std::string>> fingerprints(sqlite::Query& query) {
    std::vector<std::string> found;
    auto more = query.step();
    for (; more && *more; more = query.step())
        found.push_back(query.text(0));
    if (!more)
        return fail(more);
    return found;
}

/// `address` as parse_user_id() gives it, which is how user ids are indexed.
Expected<std::vector<std::string>>
with_address(sqlite::Database& db, const std::string& address, Which which) {
    auto query =
        db.query("SELECT k.fpr FROM openpgp_user_id u JOIN openpgp_key k ON k.fpr = u.fpr "
                 "WHERE u.address = ? AND (? OR k.secret_key IS NOT NULL) ORDER BY k.rowid");
    query.bind(address).bind(which == Which::all);
    return fingerprints(query);
}

/// `id` is a key id of 16 digits or a whole fingerprint; subkeys are found by theirs, too.
Expected<std::vector<std::string>>
with_id(sqlite::Database& db, const std::string& id, Which which) {
    auto query =
        db.query("SELECT k.fpr FROM openpgp_key_id i JOIN openpgp_key k ON k.fpr = i.fpr "
                 "WHERE i.key_id = ? AND (? OR k.secret_key IS NOT NULL) ORDER BY k.rowid");
    query.bind(id).bind(which == Which::all);
    return fingerprints(query);
}

/// By age, as in all listings: a row keeps its place when its key changes.
Expected<std::vector<std::string>> everything(sqlite::Database& db, Which which) {
    auto query =
        db.query("SELECT fpr FROM openpgp_key WHERE ? OR secret_key IS NOT NULL ORDER BY rowid");
    query.bind(which == Which::all);
    return fingerprints(query);
}

} // namespace

std::string normalised_fpr(std::string_view fpr) {
    std::string digits;
    digits.reserve(fpr.size());
    for (const char c : fpr) {
        if (c == ' ' || c == '\t')
            continue;
        // In the spelling the tables have.
        digits.push_back(to_upper(c));
        if (!is_hex(digits.back()))
            return {};
    }
    return digits;
}

KeyRing::KeyRing(sqlite::Database& db) : impl_(std::make_unique<Impl>(db)) {}

KeyRing::~KeyRing() = default;

void KeyRing::lock() { impl_->cache.lock(); }

void KeyRing::forget_passphrase_use() { impl_->cache.forget_use(); }

bool KeyRing::passphrase_was_used() const { return impl_->cache.was_used(); }

std::uint64_t KeyRing::derivations() const { return impl_->cache.derivations(); }

Expected<KeyView> KeyRing::Impl::view(std::string_view fpr, Part part) {
    // What is no fingerprint becomes "", which is the name of no key.
    auto key = cache.load(normalised_fpr(fpr), part);
    if (!key)
        return fail(key);
    return view_key(std::move(*key));
}

Expected<KeyView> KeyRing::Impl::look_at(std::string_view fpr) {
    // Begins an operation: handles of the one before are void.
    if (auto ready = cache.refresh(); !ready)
        return fail(ready);
    return view(fpr, Part::public_only);
}

Expected<StoredKey> KeyRing::Impl::stored(std::string_view fpr) {
    auto key = stored_key(*db, normalised_fpr(fpr));
    if (!key)
        return fail(key);
    if (!*key)
        return fail(PEP_KEY_NOT_FOUND, "no such key");
    return std::move(**key);
}

Expected<void> KeyRing::Impl::save(rnp_key_handle_t primary, const StoredKey& key) {
    // What is loaded next must come from the database.
    cache.forget(rnp::fingerprint(primary));
    return save_key(*db, primary, key);
}

Expected<std::string> KeyRing::export_public(std::string_view fpr) {
    auto key = impl_->stored(fpr);
    if (!key)
        return fail(key);
    // Compared by content, so nobody has to say when a key changes.
    auto& last = impl_->exported;
    if (last.armored.empty() || last.key != key->public_key) {
        last.armored = rnp::armored(key->public_key, "public key");
        last.key = std::move(key->public_key);
    }
    // Which is how rnp::armored() fails.
    if (last.armored.empty())
        return fail(PEP_UNKNOWN_ERROR, "the key cannot be exported");
    return last.armored;
}

Expected<std::string> KeyRing::export_secret(std::string_view fpr) {
    auto key = impl_->stored(fpr);
    if (!key)
        return fail(key);
    // Stand-ins for a key on a card are not stored as a secret part (see merged_secrets()).
    if (key->secret_key.empty())
        return fail(PEP_KEY_NOT_FOUND, "the key has no secret part");
    // As stored: what a passphrase protects stays protected, and none is needed.
    auto whole = with_secrets(key->public_key, key->secret_key);
    const rnp::WipeAtExit wipe_whole{whole};
    auto text = rnp::armored(whole, "secret key");
    if (text.empty())
        return fail(PEP_UNKNOWN_ERROR, "the key cannot be exported");
    return text;
}

Expected<void> KeyRing::remove(std::string_view fpr) {
    const auto digits = normalised_fpr(fpr);
    auto removal = impl_->db->query("DELETE FROM openpgp_key WHERE fpr = ?");
    removal.bind(digits);
    // The index goes with it, by cascade; what identities know about the key stays.
    auto removed = removal.run();
    if (!removed)
        return fail(removed);
    if (*removed == 0)
        return fail(PEP_KEY_NOT_FOUND, "no such key");
    impl_->cache.forget(digits);
    return {};
}

Expected<std::vector<std::string>> KeyRing::find(std::string_view pattern, Which which) {
    pattern = trim(pattern);
    auto& db = *impl_->db;
    if (pattern.empty())
        return everything(db, which);
    // Without these it can be an id only. Bare names find nothing, as in the engine 3.3.
    if (pattern.find_first_of("@:") == std::string_view::npos) {
        const auto digits = normalised_fpr(pattern);
        // Ids of 8 digits are made to collide easily.
        if (digits.size() < key_id_digits)
            return std::vector<std::string>{};
        return with_id(db, digits, which);
    }
    // Read like the user ids in the index, so `Name <address>` will do as well.
    const auto address = parse_user_id(pattern).address;
    auto found = with_address(db, address, which);
    // Some providers ignore dots in the local part, and people write them as they like.
    const auto dotless = without_local_dots(address);
    if (!found || !found->empty() || dotless == address)
        return found;
    return with_address(db, dotless, which);
}

Expected<bool> KeyRing::contains(std::string_view fpr) {
    // Without librnp: whether it can be used is another question.
    auto query = impl_->db->query("SELECT 1 FROM openpgp_key WHERE fpr = ?");
    query.bind(normalised_fpr(fpr));
    return query.step();
}

Expected<bool> KeyRing::has_secret(std::string_view fpr) {
    auto query =
        impl_->db->query("SELECT 1 FROM openpgp_key WHERE fpr = ? AND secret_key IS NOT NULL");
    query.bind(normalised_fpr(fpr));
    return query.step();
}

Expected<std::vector<std::pair<std::string, std::string>>> KeyRing::list(std::string_view pattern) {
    // "" lists all keys.
    auto found = find(pattern, Which::all);
    if (!found)
        return fail(found);
    std::vector<std::pair<std::string, std::string>> listed;
    for (auto& fpr : *found) {
        // One certificate at a time: its handles last until the next is looked at.
        auto view = impl_->look_at(fpr);
        if (!view)
            return fail(view);
        // As release 2 of the engine did.
        if (view->revoked())
            continue;
        auto* key = view->primary().handle.get();
        auto name = rnp::text([&](char** out) { return rnp_key_get_primary_uid(key, out); });
        if (name.empty()) // librnp knows none for an expired key
            name = rnp::text([&](char** out) { return rnp_key_get_uid_at(key, 0, out); });
        listed.emplace_back(std::move(fpr), std::move(name));
    }
    return listed;
}

} // namespace pep::engine
