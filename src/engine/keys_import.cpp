// Import: split the input into certificates, merge each with what is stored, write changes. Each
// certificate gets an ffi of its own, because loading many into one is quadratic.
#include "engine/key_address.hpp"
#include "engine/keys_impl.hpp"
#include "engine/openpgp_packets.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

constexpr std::string_view armor_start = "-----BEGIN PGP";

/// The armored blocks of a text, each up to the start of the next.
std::vector<std::string_view> armored_blocks(std::string_view data) {
    std::vector<std::string_view> blocks;
    for (auto start = data.find(armor_start); start != std::string_view::npos;) {
        const auto next = data.find(armor_start, start + 1);
        blocks.push_back(data.substr(start, next == std::string_view::npos ? next : next - start));
        start = next;
    }
    return blocks;
}

/// Fingerprints of the primary keys in an ffi.
std::vector<std::string> primaries(rnp_ffi_t ffi) {
    std::vector<std::string> found;
    const auto all = rnp::make<rnp::Identifiers>([&](auto* out) {
        return rnp_identifier_iterator_create(ffi, out, "fingerprint");
    });
    const char* fpr = nullptr;
    while (all && rnp_identifier_iterator_next(all.get(), &fpr) == RNP_SUCCESS && fpr != nullptr) {
        const auto key = rnp::locate(ffi, fpr);
        if (key && rnp::value<bool>([&](bool* out) { return rnp_key_is_primary(key.get(), out); }))
            found.emplace_back(fpr);
    }
    return found;
}

/// Merged with what the ffi has already. False when librnp takes nothing.
bool import_into(rnp_ffi_t ffi, std::string_view bytes) {
    const auto input = rnp::input_from(bytes);
    constexpr std::uint32_t flags =
        RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS | RNP_LOAD_SAVE_PERMISSIVE;
    return input && rnp_import_keys(ffi, input.get(), flags, nullptr) == RNP_SUCCESS;
}

/// A certificate without the packets librnp would stop at; "" when there are none of them.
std::string without_unknown_packets(std::string_view certificate) {
    const auto packets = packets_of(certificate);
    if (std::all_of(packets.begin(), packets.end(), [](const Packet& packet) {
            return is_certificate_packet(packet.tag);
        }))
        return {};
    std::string known;
    known.reserve(certificate.size()); // no copies of secrets left behind by growing
    for (const auto& packet : packets)
        if (is_certificate_packet(packet.tag))
            known.append(packet.whole);
    return known;
}

/// The key with its first user id.
ImportedKey described(rnp_key_handle_t primary) {
    ImportedKey key;
    key.fpr = rnp::fingerprint(primary);
    // Signed ones first: others may have been attached by anybody.
    const auto names = signed_user_ids(primary);
    auto first = names.empty()
                     ? rnp::text([&](char** out) { return rnp_key_get_uid_at(primary, 0, out); })
                     : names.front();
    auto user_id = parse_user_id(first);
    key.address = std::move(user_id.address);
    key.username = std::move(user_id.name);
    return key;
}

/// What became of the parts of an import.
struct Tally {
    int good = 0;
    int bad = 0;

    void count(bool done) { ++(done ? good : bad); }

    [[nodiscard]] PEP_STATUS status() const {
        if (good == 0)
            return PEP_NO_KEY_IMPORTED;
        return bad == 0 ? PEP_KEY_IMPORTED : PEP_SOME_KEYS_IMPORTED;
    }
};

} // namespace

Expected<bool> KeyRing::Impl::import_certificate(std::string_view bytes, ImportResult& result) {
    const auto scratch = rnp::make_ffi();
    if (!scratch)
        return fail(PEP_OUT_OF_MEMORY, "the OpenPGP library cannot be set up");
    auto stripped = without_unknown_packets(bytes);
    const rnp::WipeAtExit wipe_stripped{stripped};
    if (!stripped.empty())
        bytes = stripped;
    if (!import_into(scratch.get(), bytes))
        return false;
    const auto fprs = primaries(scratch.get());
    // There is one primary key in `bytes`; librnp has left it out if it is of an unknown kind.
    if (fprs.size() != 1)
        return false;
    auto before = stored_key(*db, fprs.front());
    if (!before)
        return fail(before);
    // What librnp refused in the input must not cost anything that is stored.
    if (*before && !import_into(scratch.get(), (*before)->public_key))
        return fail(PEP_UNKNOWN_DB_ERROR, "a stored key cannot be read");
    const auto primary = rnp::locate(scratch.get(), fprs.front());
    StoredKey after;
    after.public_key =
        primary ? rnp::export_certificate(primary.get(), RNP_KEY_EXPORT_PUBLIC) : std::string{};
    if (after.public_key.empty())
        return false;
    const std::string_view old_secret = *before ? (*before)->secret_key : std::string_view{};
    // Packets are copied as they are: what a passphrase protects need not be opened.
    after.secret_key = merged_secrets(after.public_key, old_secret, bytes);

    auto key = described(primary.get());
    key.changed = !*before || !same_packets((*before)->public_key, after.public_key);
    // By the input alone, whatever was stored before.
    key.secret = !merged_secrets(after.public_key, {}, bytes).empty();
    // Nothing new, nothing written.
    if (key.changed || after.secret_key != old_secret)
        if (auto saved = save(primary.get(), after); !saved)
            return fail(saved);
    result.keys.push_back(std::move(key));
    return true;
}

Expected<bool> KeyRing::Impl::import_revocation(std::string_view bytes, ImportResult& result) {
    // A revocation alone, as programs write it to be kept for the day the key is lost.
    const auto packet = first_packet(bytes);
    const auto info = packet ? signature_info(*packet) : std::nullopt;
    if (!info || info->type != signature_type_key_revocation)
        return false;
    // The signature may name its key by key id only, which several certificates can have.
    auto candidates = certificates_with_id(*db, info->issuer);
    if (!candidates)
        return fail(candidates);
    for (const auto& fpr : *candidates) {
        auto before = stored(fpr);
        if (!before)
            return fail(before);
        const auto scratch = rnp::make_ffi();
        const auto input = rnp::input_from(bytes);
        // Beside its certificate the signature can be verified.
        if (!scratch || !input || !import_into(scratch.get(), before->public_key))
            return fail(PEP_UNKNOWN_DB_ERROR, "a stored key cannot be read");
        // librnp takes a revocation only if its signature is right.
        if (rnp_import_signatures(scratch.get(), input.get(), 0, nullptr) != RNP_SUCCESS)
            continue;
        const auto primary = rnp::locate(scratch.get(), fpr);
        if (!primary ||
            !rnp::value<bool>([&](bool* out) { return rnp_key_is_revoked(primary.get(), out); }))
            continue;
        auto key = described(primary.get());
        auto merged = rnp::export_certificate(primary.get(), RNP_KEY_EXPORT_PUBLIC);
        key.changed = !same_packets(before->public_key, merged);
        if (key.changed) {
            before->public_key = std::move(merged);
            if (auto saved = save(primary.get(), *before); !saved)
                return fail(saved);
        }
        result.keys.push_back(std::move(key));
        return true;
    }
    return false;
}

Expected<ImportResult> KeyRing::import(std::string_view data) {
    if (auto known = impl_->memo.recall(*impl_->db, data))
        return *std::move(known);
    std::vector<std::string> binaries;
    Tally tally;
    const auto blocks = armored_blocks(data);
    for (const auto block : blocks) {
        auto binary = rnp::dearmored(block);
        if (binary.empty())
            tally.count(false);
        else
            binaries.push_back(std::move(binary));
    }
    // No armor, so it must be binary.
    if (blocks.empty())
        binaries.emplace_back(data);
    const auto wipe_all = [&binaries] {
        for (auto& binary : binaries)
            wipe(binary.data(), binary.size());
    };

    if (auto ready = impl_->cache.refresh(); !ready)
        return fail(ready);
    // One for all: each commit waits for the disk.
    auto transaction = sqlite::Transaction::begin(*impl_->db);
    if (!transaction)
        return fail(transaction);
    ImportResult result;
    // An error ends the import and takes it back; false says that one part was of no use.
    Expected<bool> done = true;
    for (const auto& binary : binaries) {
        const auto groups = packet_groups(binary);
        for (const auto& group : groups) {
            done = group.is_key ? impl_->import_certificate(group.bytes, result)
                                : impl_->import_revocation(group.bytes, result);
            if (!done)
                break;
            tally.count(*done);
        }
        if (!done)
            break;
        // A block of something else, such as a message, is met but not imported.
        if (groups.empty() && (!blocks.empty() || first_packet(binary)))
            tally.count(false);
    }
    // There may be secret keys in them.
    wipe_all();
    if (!done)
        return fail(done);
    // Nothing was written that could be taken back.
    if (tally.good + tally.bad == 0)
        return fail(PEP_UNKNOWN_ERROR, "no OpenPGP data");
    if (auto committed = transaction->commit(); !committed)
        return fail(committed);
    result.status = tally.status();
    // Within somebody else's transaction nothing is certain yet.
    if (!impl_->db->in_transaction())
        impl_->memo.remember(*impl_->db, data, result);
    return result;
}

} // namespace pep::engine
