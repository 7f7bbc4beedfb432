// Identities: who communicates.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/identities.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/keymanagement.h"
#include "pEp/message_api.h"

namespace pep::api {

namespace {

using namespace rpc;
using IdentityFlags = marshal::Flags<identity_flags>;

constexpr FunctionMap functions{
    "Identities",
    // An empty user_id is no error: it finds nothing. An empty address is one.
    function<&get_identity>(
        "get_identity",
        "What is stored about an address and a user, without looking at the key.",
        Session{},
        In{"address", "e-mail address or URI"},
        In{"user_id", "who this is"},
        Out{"identity", "the stored identity; null if there is none"}
    )
        .with(retry_passphrases)
        .example(examples::get_identity),
    function<&set_identity>(
        "set_identity",
        "Store an identity as given: address, user_id and username are needed; key and trust are "
        "overwritten.",
        Session{},
        In{"identity", "identity to store"}
    )
        .with(retry_passphrases)
        .example(examples::set_identity),
    // Under its old name, from when ratings were called colours, it gives a rating as well.
    function<&identity_rating>(
        "identity_rating",
        "The rating messages to this identity would have.",
        Session{},
        In{"ident", "partner or own identity; an address is enough"},
        Out{"rating", "the rating"}
    )
        .alias("identity_color")
        .with(retry_passphrases)
        .example(examples::identity_rating),
    // The identity given comes back with its bits changed, whether it is stored or not.
    function<&set_identity_flags>(
        "set_identity_flags",
        "Set bits of an identity.",
        Session{},
        InOut{"identity", "stored identity, with address and user_id"},
        In<IdentityFlags>{"flags", "bits of identity_flags to set"}
    )
        .with(retry_passphrases)
        .example(examples::set_identity_flags),
    function<&unset_identity_flags>(
        "unset_identity_flags",
        "Clear bits of an identity.",
        Session{},
        InOut{"identity", "stored identity, with address and user_id"},
        In<IdentityFlags>{"flags", "bits of identity_flags to clear"}
    )
        .with(retry_passphrases)
        .example(examples::unset_identity_flags),
    // Slow, as it may make a key.
    function<&myself>(
        "myself",
        "Make an identity an own one with a usable key: a key is generated or renewed if needed.",
        Session{},
        InOut{"identity", "own identity with address; comes back with its key"}
    )
        .slow()
        .with(retry_passphrases)
        .example(examples::myself),
    function<&update_identity>(
        "update_identity",
        "Complete what is known about a partner: user, name, key and how far it is trusted.",
        Session{},
        InOut{"identity", "partner; an address is enough"}
    )
        .alias("update_dentity")
        .with(retry_passphrases)
        .example(examples::update_identity),
    // The engine hands out one empty node if there are none; it goes out as [].
    function<&own_identities_retrieve>(
        "own_identities_retrieve",
        "All own identities.",
        Session{},
        Out{"own_identities", "the user's identities"}
    )
        .with(retry_passphrases)
        .example(examples::own_identities_retrieve),
};

} // namespace

MapView identity_functions() { return functions; }

} // namespace pep::api
