// Patterns are those of shells, compared without case, as addresses are.
#include "engine/media_keys.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identity_value.hpp"
#include "engine/keys.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace pep::engine {

namespace {

/// An address may be given as URI; schemes other than that of mail belong to the address.
std::string without_scheme(std::string_view address) {
    constexpr std::string_view scheme = "mailto:";
    if (iequals(address.substr(0, scheme.size()), scheme))
        address.remove_prefix(scheme.size());
    return std::string{address};
}

} // namespace

Expected<MediaKeys> MediaKeys::from(const stringpair_list_t* pairs) {
    MediaKeys keys;
    for (; pairs != nullptr; pairs = pairs->next) {
        if (pairs->value == nullptr) // the head of an empty list
            continue;
        Entry entry{without_scheme(pairs->value->key), normalised_fpr(pairs->value->value)};
        if (entry.pattern.empty() || entry.fpr.empty())
            return fail(PEP_ILLEGAL_VALUE, "a media key is an address pattern and a fingerprint");
        keys.entries_.push_back(std::move(entry));
    }
    return keys;
}

std::string MediaKeys::find(std::string_view address) const {
    const std::string plain = without_scheme(address);
    // The first match wins: the order of the list is part of the configuration. Without further
    // flags `*` stands for any characters, dots and slashes included.
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return ::fnmatch(entry.pattern.c_str(), plain.c_str(), FNM_CASEFOLD) == 0;
    });
    return found != entries_.end() ? found->fpr : std::string{};
}

bool MediaKeys::contains(std::string_view fpr) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.fpr == fpr;
    });
}

void MediaKeys::amend(Identity& partner) const {
    if (entries_.empty() || partner.me || find(partner.address).empty())
        return;
    if (partner.enc_format < PEP_enc_PEP)
        partner.enc_format = PEP_enc_PEP;
    // That type rates as unreliable: enough to be shown as protected by the gateway, too little for
    // mail to be encrypted without one.
    if (!is_distrusted(partner.ct))
        partner.ct = std::max(partner.ct, PEP_ct_unconfirmed_encryption);
    // A higher version that is known of him stays.
    if (version_less(partner.major, partner.minor, least_pep_major, least_pep_minor)) {
        partner.major = least_pep_major;
        partner.minor = least_pep_minor;
    }
}

} // namespace pep::engine
