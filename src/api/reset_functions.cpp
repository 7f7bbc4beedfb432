// Key reset: give up a key; for an own one, make another and tell those who need to know.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/resets.hpp"
#include "api/passphrases.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/key_reset.h"

namespace pep::api {

namespace {

using namespace rpc;

constexpr FunctionMap functions{
    "Key reset",
    // Slow: own keys are made anew, and recent contacts get a message each.
    function<&key_reset_identity>(
        "key_reset_identity",
        "Give up the key of an identity. A partner's is forgotten with all trust in it; an own one "
        "is revoked and replaced, and recent contacts are told by messageToSend events.",
        Session{},
        In{"ident", "identity with address and user_id"},
        In{"fpr", "the key; null or empty: the one in use", nullable}
    )
        .with(retry_passphrases)
        .slow()
        .example(examples::key_reset_identity),
    // The own user needs fpr here; key_reset_all_own_keys does all.
    function<&key_reset_user>(
        "key_reset_user",
        "Give up keys of a user.",
        Session{},
        In{"user_id", "whose keys"},
        In{"fpr", "the key; null: all keys of a partner", nullable}
    )
        .with(retry_passphrases)
        .slow()
        .example(examples::key_reset_user),
    function<&key_reset_all_own_keys>(
        "key_reset_all_own_keys", "Replace all keys of the user.", Session{}
    )
        .with(retry_passphrases)
        .slow()
        .example(examples::key_reset_all_own_keys),
};

} // namespace

MapView reset_functions() { return functions; }

} // namespace pep::api
