// Keys as such: generate, import, export, search, inspect.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/keys.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "api/types/strings.hpp"
#include "pEp/keymanagement.h"

namespace pep::api {

namespace {

using namespace rpc;

// All have retry_passphrases, as in the original, even where nothing is locked: a call whose status
// asks for no passphrase is made once.
constexpr FunctionMap functions{
    "Keys",
    // The key is nobody's yet: no identity and no trust is stored. Accounts are made by `myself`.
    function<&generate_keypair>(
        "generate_keypair",
        "Make a key pair for an identity that has none.",
        Session{},
        InOut{"identity", "identity with address, without fpr; comes back with it"}
    )
        .with(retry_passphrases)
        .slow()
        .example(examples::generate_keypair),
    // There is no way back: what was encrypted to the key cannot be read any more.
    function<&delete_keypair>(
        "delete_keypair",
        "Remove a key, its secret part included.",
        Session{},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases)
        .example(examples::delete_keypair),
    // Base64, because keys may be binary; the length old clients send is not looked at.
    function<&import_key>(
        "import_key",
        "Add keys to the key ring. Status PEP_KEY_IMPORTED, PEP_SOME_KEYS_IMPORTED or "
        "PEP_NO_KEY_IMPORTED.",
        Session{},
        In<marshal::Base64>{"key_data", "armored or binary OpenPGP keys, base64"},
        InLength{},
        Out{"private_keys", "an identity for each secret key met"}
    )
        .with(retry_passphrases)
        .example(examples::import_key),
    // Armor is text: no base64 on the way out.
    function<&export_key>(
        "export_key",
        "A public key.",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"key_data", "ASCII armor; null if the key is unknown"},
        OutLength{}
    )
        .with(retry_passphrases)
        .example(examples::export_key),
    function<&export_secret_key>(
        "export_secret_key",
        "A secret key.",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"key_data", "ASCII armor; null if there is no secret part"},
        OutLength{}
    )
        .with(retry_passphrases)
        .example(examples::export_secret_key),
    // Revoked and expired keys are found, too.
    function<&find_keys>(
        "find_keys",
        "Search keys by address, fingerprint or key id.",
        Session{},
        In{"pattern", "address, or at least 16 hex digits"},
        Out{"keylist", "fingerprints"}
    )
        .with(retry_passphrases)
        .example(examples::find_keys),
    function<&get_key_rating>(
        "get_key_rating",
        "Technical strength of a key, whoever it belongs to.",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"comm_type", "the strength; never confirmed"}
    )
        .with(retry_passphrases)
        .example(examples::get_key_rating),
    // Also for a key whose secret part is not here: the trust stored for it decides.
    function<&own_key_is_listed>(
        "own_key_is_listed",
        "Is it a key of the user?",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"listed", "true for an own key"}
    )
        .with(retry_passphrases)
        .example(examples::own_key_is_listed),
    function<&set_own_key>(
        "set_own_key",
        "Use a key whose secret part is here for an own identity.",
        Session{},
        InOut{"me", "own identity with address, user_id and username"},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases)
        .example(examples::set_own_key),
    function<&set_comm_partner_key>(
        "set_comm_partner_key",
        "Set the key used for a partner.",
        Session{},
        InOut{"identity", "partner"},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases)
        .example(examples::set_comm_partner_key),
    // Slow, since each part of the key is signed anew.
    function<&renew_key>(
        "renew_key",
        "Set a new expiry of an own key.",
        Session{},
        In{"fpr", "fingerprint"},
        In{"ts", "when it shall expire, seconds since the epoch"}
    )
        .with(retry_passphrases)
        .slow()
        .example(examples::renew_key),
    // The wire has the shorter name.
    function<&revoke_key>(
        "revoke",
        "Revoke an own key, for good.",
        Session{},
        In{"fpr", "fingerprint"},
        In{"reason", "text for others to read"}
    )
        .with(retry_passphrases)
        .example(examples::revoke),
    function<&key_expired>(
        "key_expired",
        "Is, or will, a key be expired?",
        Session{},
        In{"fpr", "fingerprint"},
        In{"when", "at this time, seconds since the epoch"},
        Out{"expired", "true if it is unusable then"}
    )
        .with(retry_passphrases)
        .example(examples::key_expired),
};

} // namespace

MapView key_functions() { return functions; }

} // namespace pep::api
