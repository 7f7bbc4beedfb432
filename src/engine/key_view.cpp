// Reading properties off librnp's handles; see the header.
#include "engine/key_view.hpp"

#include <algorithm>
#include <string_view>

namespace pep::engine {

namespace {

/// Partners' clocks are not exact: a key made "a moment ahead of now" is alive.
constexpr std::uint64_t clock_skew_s = 3600;

/// A failure counts as no.
bool flag(rnp_key_handle_t key, rnp_result_t (*get)(rnp_key_handle_t, bool*)) {
    return rnp::value<bool>([&](bool* out) { return get(key, out); });
}

/// librnp goes by the algorithm where a certificate does not state what its key is for.
bool allows(rnp_key_handle_t key, const char* usage) {
    return rnp::value<bool>([&](bool* out) { return rnp_key_allows_usage(key, usage, out); });
}

/// By the reason it states (RFC 4880, 5.2.3.23); none or an unknown one counts as hard.
Revocation revocation_of(rnp_key_handle_t key) {
    if (!flag(key, rnp_key_is_revoked))
        return Revocation::none;
    const bool soft = flag(key, rnp_key_is_superseded) || flag(key, rnp_key_is_retired);
    return soft ? Revocation::soft : Revocation::hard;
}

/// Algorithms whose strength depends on the number of bits. Curves are all long enough.
bool finite_field(std::string_view algorithm) {
    return algorithm == RNP_ALGNAME_RSA || algorithm == RNP_ALGNAME_DSA ||
           algorithm == RNP_ALGNAME_ELGAMAL;
}

/// Engine reference 4.2.
PEP_comm_type strength(const KeyPart& part) {
    if (!finite_field(part.algorithm) || part.bits > 1024)
        return PEP_ct_OpenPGP_unconfirmed;
    return part.bits == 1024 ? PEP_ct_OpenPGP_weak_unconfirmed : PEP_ct_key_too_short;
}

bool good_self_signature(rnp_signature_handle_t signature, const std::string& key_id) {
    if (rnp::text([&](char** out) { return rnp_signature_get_keyid(signature, out); }) != key_id)
        return false;
    // "Expired" is no answer: librnp says so before it looks whether the signature is right.
    return rnp_signature_is_valid(signature, 0) == RNP_SUCCESS;
}

/// A key that was made on a machine whose clock is ahead of ours. librnp calls its signatures
/// expired until its time has come.
bool is_made_ahead(rnp_key_handle_t key) {
    const auto created =
        rnp::value<std::uint32_t>([&](auto* out) { return rnp_key_get_creation(key, out); });
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    return created > now && created <= now + clock_skew_s;
}

/// What `check` says of the key when that time has come; `other` if it cannot be asked.
template <class Result>
Result
when_its_time_has_come(rnp_key_handle_t key, Result (*check)(rnp_key_handle_t key), Result other) {
    const bool primary = flag(key, rnp_key_is_primary);
    rnp::Sink certificate;
    const auto ffi = rnp::make_ffi();
    // Of a subkey, librnp exports the primary key, too.
    const std::uint32_t parts =
        RNP_KEY_EXPORT_PUBLIC | (primary ? std::uint32_t{RNP_KEY_EXPORT_SUBKEYS} : 0U);
    const auto later = static_cast<std::uint64_t>(std::time(nullptr)) + clock_skew_s;
    if (!ffi || rnp_set_timestamp(ffi.get(), later) != RNP_SUCCESS ||
        rnp_key_export(key, certificate.output(), parts) != RNP_SUCCESS)
        return other;
    const std::string bytes = certificate.take();
    const auto input = rnp::input_from(bytes);
    if (rnp_load_keys(ffi.get(), RNP_KEYSTORE_GPG, input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS) !=
        RNP_SUCCESS)
        return other;
    const auto same = rnp::locate(ffi.get(), rnp::fingerprint(key));
    return same ? check(same.get()) : other;
}

std::vector<std::string> user_ids_signed_by_now(rnp_key_handle_t primary) {
    const auto key_id = rnp::text([&](char** out) { return rnp_key_get_keyid(primary, out); });
    const auto count =
        rnp::value<std::size_t>([&](auto* out) { return rnp_key_get_uid_count(primary, out); });
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        const auto uid = rnp::make<rnp::Uid>([&](auto* out) {
            return rnp_key_get_uid_handle_at(primary, i, out);
        });
        const auto type =
            rnp::value<std::uint32_t>([&](auto* out) { return rnp_uid_get_type(uid.get(), out); });
        // Pictures and the like (RFC 4880, 5.12) are no names.
        if (!uid || type != RNP_USER_ID)
            continue;
        const auto signatures = rnp::value<std::size_t>([&](auto* out) {
            return rnp_uid_get_signature_count(uid.get(), out);
        });
        for (std::size_t j = 0; j < signatures; ++j) {
            const auto signature = rnp::make<rnp::Signature>([&](auto* out) {
                return rnp_uid_get_signature_at(uid.get(), j, out);
            });
            // What others certified is no statement of the owner's.
            if (!signature || !good_self_signature(signature.get(), key_id))
                continue;
            names.push_back(rnp::text([&](char** out) {
                return rnp_key_get_uid_at(primary, i, out);
            }));
            break;
        }
    }
    return names;
}

/// librnp leaves the subkeys of an expired or revoked certificate unchecked, and calls them
/// invalid.
bool well_bound(rnp_key_handle_t key) {
    if (flag(key, rnp_key_is_valid))
        return true;
    if (flag(key, rnp_key_is_primary) && !user_ids_signed_by_now(key).empty())
        return true;
    // Bindings are signed by the primary key, whose id is the end of its fingerprint.
    const auto fpr = rnp::primary_fingerprint(key);
    if (fpr.size() < 16)
        return false;
    const auto key_id = fpr.substr(fpr.size() - 16);
    const auto count =
        rnp::value<std::size_t>([&](auto* out) { return rnp_key_get_signature_count(key, out); });
    for (std::size_t i = 0; i < count; ++i) {
        const auto signature = rnp::make<rnp::Signature>([&](auto* out) {
            return rnp_key_get_signature_at(key, i, out);
        });
        const auto type =
            rnp::text([&](char** out) { return rnp_signature_get_type(signature.get(), out); });
        if ((type == "subkey binding" || type == "direct") &&
            good_self_signature(signature.get(), key_id))
            return true;
    }
    return false;
}

} // namespace

bool KeyPart::alive_at(std::time_t when) const {
    return when >= 0 && static_cast<std::uint64_t>(when) + clock_skew_s >= created &&
           static_cast<std::uint64_t>(when) < expires;
}

bool KeyView::revoked() const {
    if (primary().revoked())
        return true;
    // A certificate of which no part can sign, or none can decrypt, is as good as revoked. Parts
    // that somebody else attached do not count.
    const auto all_revoked = [this](bool KeyPart::*capability) {
        bool any = false;
        for (const auto& part : parts) {
            if (!(part.*capability) || !(part.bound || part.revoked()))
                continue;
            if (!part.revoked())
                return false;
            any = true;
        }
        return any;
    };
    return all_revoked(&KeyPart::signs) || all_revoked(&KeyPart::encrypts);
}

bool KeyView::broken() const {
    // Revoked parts count: who lost them is revoked, not broken.
    const auto some = [this](bool KeyPart::*capability) {
        return std::any_of(parts.begin(), parts.end(), [&](const KeyPart& part) {
            return part.*capability && (part.bound || part.revoked());
        });
    };
    return !some(&KeyPart::signs) || !some(&KeyPart::encrypts);
}

bool KeyView::usable(const KeyPart& part, std::time_t when) const {
    // No part outlives the primary key, which vouches for it.
    return part.bound && !part.revoked() && part.alive_at(when) && !primary().revoked() &&
           primary().alive_at(when);
}

bool KeyView::expired(std::time_t when) const {
    if (when < 0)
        return true;
    // Without such parts there is nothing that could expire, as in the engine 3.3.
    if (broken())
        return false;
    // Both are needed at the same moment.
    bool signs = false;
    bool encrypts = false;
    for (const auto& part : parts) {
        if (!usable(part, when))
            continue;
        signs = signs || part.signs;
        encrypts = encrypts || part.encrypts;
    }
    return !signs || !encrypts;
}

PEP_comm_type KeyView::rating(std::time_t now) const {
    // The order is that of the engine 3.3: what lasts is told before what may pass.
    if (revoked())
        return PEP_ct_key_revoked;
    if (broken())
        return PEP_ct_key_b0rken;
    if (expired(now))
        return PEP_ct_key_expired;
    // An attacker takes the weakest part.
    auto worst = PEP_ct_OpenPGP_unconfirmed;
    for (const auto& part : parts)
        if (usable(part, now) && (part.signs || part.encrypts))
            worst = std::min(worst, strength(part));
    return worst;
}

KeyPart view_part(rnp::Key key) {
    KeyPart part;
    auto* raw = key.get();
    part.fpr = rnp::fingerprint(raw);
    part.primary = flag(raw, rnp_key_is_primary);
    part.revocation = revocation_of(raw);
    part.bound =
        well_bound(raw) || (is_made_ahead(raw) && when_its_time_has_come(raw, well_bound, false));
    part.signs = allows(raw, "sign");
    part.encrypts = allows(raw, "encrypt");
    part.created =
        rnp::value<std::uint32_t>([&](auto* out) { return rnp_key_get_creation(raw, out); });
    // In seconds after the creation; 0 is for ever.
    const auto lifetime =
        rnp::value<std::uint32_t>([&](auto* out) { return rnp_key_get_expiration(raw, out); });
    if (lifetime != 0)
        part.expires = part.created + lifetime;
    part.algorithm = rnp::text([&](char** out) { return rnp_key_get_alg(raw, out); });
    part.bits = rnp::value<std::uint32_t>([&](auto* out) { return rnp_key_get_bits(raw, out); });
    part.handle = std::move(key);
    return part;
}

KeyView view_key(rnp::Key primary) {
    KeyView view;
    // Stays valid: the view takes the handle over.
    auto* raw = primary.get();
    // First, for KeyView::primary() relies on it.
    view.parts.push_back(view_part(std::move(primary)));
    const auto count =
        rnp::value<std::size_t>([&](auto* out) { return rnp_key_get_subkey_count(raw, out); });
    for (std::size_t i = 0; i < count; ++i) {
        auto subkey =
            rnp::make<rnp::Key>([&](auto* out) { return rnp_key_get_subkey_at(raw, i, out); });
        if (subkey)
            view.parts.push_back(view_part(std::move(subkey)));
    }
    return view;
}

bool has_secret_material(rnp_key_handle_t key) {
    if (!flag(key, rnp_key_have_secret))
        return false;
    // GnuPG writes stand-ins for keys that are on a card ("GPG-Smartcard") or elsewhere
    // ("GPG-None").
    const auto protection =
        rnp::text([&](char** out) { return rnp_key_get_protection_type(key, out); });
    return !protection.starts_with("GPG-");
}

std::vector<std::string> signed_user_ids(rnp_key_handle_t primary) {
    auto names = user_ids_signed_by_now(primary);
    if (names.empty() && is_made_ahead(primary))
        return when_its_time_has_come(primary, user_ids_signed_by_now, std::move(names));
    return names;
}

} // namespace pep::engine
