// OpenPGP beyond single keys: imports that tell what they did, lists, signatures.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/openpgp.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "api/types/strings.hpp"
#include "pEp/openpgp_compat.h"
#include "pEp/signature.h"

namespace pep::api {

namespace {

using namespace rpc;

constexpr std::string_view key_data_doc = "armored or binary OpenPGP keys, base64";
// The engine turns lists of identities round, and leaves fingerprints in the order of the data.
constexpr std::string_view private_keys_doc = "an identity for each secret key met, newest first";
constexpr std::string_view imported_keys_doc = "fingerprint of each key met, changed or not";
constexpr std::string_view changed_keys_doc =
    "bit n is set if the n-th key of imported_keys is new or changed; up to 64";

constexpr FunctionMap functions{
    "OpenPGP",
    // One name on the wire in two shapes; C has a name for each. Programs that keep numbers as
    // doubles lose the upper bits of changed_public_keys.
    function<&import_key_with_identities_return>(
        "import_key_with_fpr_return",
        "Add keys to the key ring and tell which. Status PEP_KEY_IMPORTED, PEP_SOME_KEYS_IMPORTED "
        "or PEP_NO_KEY_IMPORTED.",
        Session{},
        In<marshal::Base64>{"key_data", key_data_doc},
        InLength{},
        Out{"identities", "an identity for each key met, newest first"},
        Out{"private_keys", private_keys_doc},
        Out{"imported_keys", imported_keys_doc},
        Out{"changed_public_keys", changed_keys_doc}
    )
        .with(retry_passphrases)
        .example(examples::import_key_with_fpr_return),
    function<&import_key_with_fpr_return>(
        "import_key_with_fpr_return",
        "The form of 2021, without identities of public keys.",
        Session{},
        In<marshal::Base64>{"key_data", key_data_doc},
        InLength{},
        Out{"private_keys", private_keys_doc},
        Out{"imported_keys", imported_keys_doc},
        Out{"changed_public_keys", changed_keys_doc}
    )
        .with(retry_passphrases)
        .overload(),
    // Keys and identities are stored together or not at all.
    function<&import_extrakey_with_fpr_return>(
        "import_extrakey_with_fpr_return",
        "Add extra keys: each is stored with an identity extrakey_FINGERPRINT of its own.",
        Session{},
        In<marshal::Base64>{"key_data", key_data_doc},
        InLength{},
        Out{"private_keys", private_keys_doc},
        Out{"imported_keys", imported_keys_doc},
        Out{"changed_public_keys", changed_keys_doc}
    )
        .with(retry_passphrases)
        .example(examples::import_extrakey_with_fpr_return),
    // The engine 3.3 only fails here; the answers are those of the releases before.
    function<&OpenPGP_list_keyinfo>(
        "OpenPGP_list_keyinfo",
        "Keys that are not revoked, with their user ids.",
        Session{},
        In{"search_pattern", "as in find_keys; \"\" finds all"},
        Out{"keyinfo_list", "fingerprint and primary user id of each key"}
    )
        .with(retry_passphrases)
        .example(examples::OpenPGP_list_keyinfo),
    // The signature comes out as text, but goes in as base64 below: so existing clients know it.
    function<&signature_for_text>(
        "signature_for_text",
        "Sign bytes by the key of this installation, which only signs for itself.",
        Session{},
        In<marshal::Base64>{"ptext", "what to sign, base64"},
        InLength{},
        Out{"stext", "detached signature, ASCII armor"},
        OutLength{}
    )
        .with(retry_passphrases)
        .example(examples::signature_for_text),
    function<&verify_signature>(
        "verify_signature",
        "Did this installation sign these bytes? Status PEP_VERIFIED if so, "
        "PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH for others, PEP_VERIFY_NO_KEY if somebody else "
        "signed, or nobody.",
        Session{},
        In<marshal::Base64>{"ptext", "what was signed, base64"},
        InLength{},
        In<marshal::Base64>{"stext", "the signature, base64"},
        InLength{}
    )
        .with(retry_passphrases)
        .example(examples::verify_signature),
    // The text as it is, not base64: so its clients send it.
    function<&encrypt_and_sign>(
        "encrypt_and_sign",
        "Encrypt a text to keys, signed by the first of them.",
        Session{},
        In{"keylist", "fingerprints; the first one signs and is encrypted to as well"},
        In{"ptext", "the text"},
        InLength{},
        Out{"ctext", "OpenPGP message, ASCII armor"},
        OutLength{}
    )
        .with(retry_passphrases)
        .legacy_only(),
};

} // namespace

MapView openpgp_functions() { return functions; }

} // namespace pep::api
