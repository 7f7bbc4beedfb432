// Trust: what the user decided about a partner's key.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/keymanagement.h"

namespace pep::api {

namespace {

using namespace rpc;

constexpr FunctionMap functions{
    "Trust",
    function<&get_trust>(
        "get_trust",
        "The trust stored for a user and a key.",
        Session{},
        InOut{"identity", "with user_id and fpr; comes back with comm_type"}
    )
        .with(retry_passphrases),
    function<&least_trust>(
        "least_trust",
        "The lowest trust anybody's use of a key has.",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"comm_type", "the trust; PEP_ct_unknown if nobody uses it"}
    )
        .with(retry_passphrases),
    function<&trust_personal_key>(
        "trust_personal_key",
        "The trustwords were compared and agree: confirm the partner's key.",
        Session{},
        In{"ident", "partner with address, user_id and fpr"}
    )
        .with(retry_passphrases),
    function<&trust_own_key>(
        "trust_own_key",
        "Confirm a key of the user.",
        Session{},
        In{"ident", "own identity with address, user_id and fpr"}
    )
        .with(retry_passphrases),
    function<&key_mistrusted>(
        "key_mistrusted",
        "The trustwords differ: never use this key again. An own key is revoked.",
        Session{},
        In{"ident", "identity with fpr"}
    )
        .with(retry_passphrases),
    function<&key_reset_trust>(
        "key_reset_trust",
        "Undo trust_personal_key or key_mistrusted.",
        Session{},
        In{"ident", "partner with address, user_id and fpr"}
    )
        .with(retry_passphrases),
    function<&mark_as_compromised>(
        "mark_as_comprimized",
        "A key is in foreign hands: nobody's use of it is trusted any more.",
        Session{},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases),
};

} // namespace

MapView trust_functions() { return functions; }

} // namespace pep::api
