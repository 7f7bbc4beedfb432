// Validity counts at the time a signature was made, so that old mail stays verifiable.
#include "engine/key_verdict.hpp"

#include "engine/key_view.hpp"

#include <algorithm>
#include <string_view>

namespace pep::engine {

namespace {

/// What a signature counts as, see Verdict.
enum class Worth { good, revoked, unfit, wrong, unknown };

/// librnp refuses data signatures with these hashes, some of them by date. That makes a signature
/// worthless, but not forged.
bool weak_hash(std::string_view hash) {
    return hash == "MD5" || hash == "SHA1" || hash == "RIPEMD160";
}

/// Was the key revoked as far as a signature of that time is concerned?
bool revoked_for(const KeyPart& part, std::uint64_t made) {
    // Hard ones reach back, because whoever stole the key can date signatures as he likes.
    if (part.revocation != Revocation::soft)
        return part.revocation == Revocation::hard;
    const auto revocation = rnp::make<rnp::Signature>([&](auto* out) {
        return rnp_key_get_revocation_signature(part.handle.get(), out);
    });
    const auto since = rnp::value<std::uint32_t>([&](auto* out) {
        return rnp_signature_get_creation(revocation.get(), out);
    });
    // Without a date the revocation counts from the beginning.
    return !revocation || made >= since;
}

bool alive_then(rnp_key_handle_t key, std::uint64_t made) {
    const auto created =
        rnp::value<std::uint32_t>([&](auto* out) { return rnp_key_get_creation(key, out); });
    const auto till =
        rnp::value<std::uint64_t>([&](auto* out) { return rnp_key_valid_till64(key, out); });
    return created <= made && made < till;
}

/// `signer` becomes the primary fingerprint of who is named as signer, if his key is here,
/// whatever the worth.
Worth worth_of(rnp_op_verify_signature_t signature, rnp_ffi_t ffi, std::string& signer) {
    const auto status = rnp_op_verify_signature_get_status(signature);
    const auto key = rnp::make<rnp::Key>([&](auto* out) {
        return rnp_op_verify_signature_get_key(signature, out);
    });
    if (!key || status == RNP_ERROR_KEY_NOT_FOUND || status == RNP_ERROR_SIGNATURE_UNKNOWN)
        return Worth::unknown;
    std::uint32_t made = 0;
    std::uint32_t expires = 0;
    (void)rnp_op_verify_signature_get_times(signature, &made, &expires);
    signer = rnp::primary_fingerprint(key.get());
    auto primary = rnp::locate(ffi, signer);
    if (!primary)
        return Worth::unknown;
    const auto view = view_key(std::move(primary));
    // A subkey has a lifetime and a revocation of its own.
    const auto made_by = rnp::fingerprint(key.get());
    const auto part = std::find_if(view.parts.begin(), view.parts.end(), [&](const KeyPart& each) {
        return each.fpr == made_by;
    });
    // Asked before librnp's verdict, which is just "invalid" for a revoked signer.
    if (revoked_for(view.primary(), made) || (part != view.parts.end() && revoked_for(*part, made)))
        return Worth::revoked;
    if (part == view.parts.end() || !part->signs || status == RNP_ERROR_SIGNATURE_EXPIRED)
        return Worth::unfit;
    if (status == RNP_SUCCESS)
        return Worth::good;
    // "Invalid" it is for all of these. Forged is what has no other explanation.
    const auto hash =
        rnp::text([&](char** out) { return rnp_op_verify_signature_get_hash(signature, out); });
    return weak_hash(hash) || !alive_then(key.get(), made) ? Worth::unfit : Worth::wrong;
}

} // namespace

Verdict judge(rnp_op_verify_t executed, rnp_ffi_t ffi) {
    Verdict verdict;
    const auto count = rnp::value<std::size_t>([&](auto* out) {
        return rnp_op_verify_get_signature_count(executed, out);
    });
    for (std::size_t i = 0; i < count; ++i) {
        rnp_op_verify_signature_t signature = nullptr; // owned by the operation
        if (rnp_op_verify_get_signature_at(executed, i, &signature) != RNP_SUCCESS)
            continue;
        ++verdict.total;
        std::string signer;
        switch (worth_of(signature, ffi, signer)) {
        case Worth::good:
            if (std::find(verdict.good.begin(), verdict.good.end(), signer) == verdict.good.end())
                verdict.good.push_back(std::move(signer));
            break;
        case Worth::revoked:
            ++verdict.revoked;
            break;
        case Worth::unfit:
            ++verdict.unfit;
            break;
        case Worth::wrong:
            ++verdict.wrong;
            break;
        case Worth::unknown:
            ++verdict.unknown;
            break;
        }
    }
    return verdict;
}

} // namespace pep::engine
