// Keys of mail gateways ("media keys"): which key protects mail to an address until its owner has a
// key of his own (engine messages 8.1).
#pragma once

#include "base/expected.hpp"
#include "pEp/stringpair.h"

#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

struct Identity;

/// The map of one session. Values are copied in; not shared between threads.
class MediaKeys {
  public:
    /// From pairs of address pattern and fingerprint, tried in order; null is the empty map.
    /// ILLEGAL_VALUE for a fingerprint that is none.
    [[nodiscard]] static Expected<MediaKeys> from(const stringpair_list_t* pairs);

    /// Fingerprint of the key for an address, upper case; "" when no pattern matches.
    [[nodiscard]] std::string find(std::string_view address) const;

    /// Is this one of the keys?
    [[nodiscard]] bool contains(std::string_view fpr) const;

    /// A partner whose address matches is treated as p≡p user, whatever else is known. Distrust
    /// and own identities stay what they are.
    void amend(Identity& partner) const;

  private:
    struct Entry {
        std::string pattern;
        std::string fpr;
    };

    std::vector<Entry> entries_;
};

} // namespace pep::engine
