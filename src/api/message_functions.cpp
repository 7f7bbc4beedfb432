// Messages: encrypt, decrypt, rate, and their MIME form.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/messages.hpp"
#include "api/message_calls.hpp"
#include "api/types/message.hpp"
#include "api/types/status.hpp"
#include "pEp/message_api.h"
#include "pEp/mime.h"

namespace pep::api {

namespace {

using namespace rpc;
using EncryptFlags = marshal::Flags<PEP_encrypt_flags>;
using DecryptFlags = marshal::Flags<PEP_decrypt_flags>;

constexpr FunctionMap functions{
    "Messages",
    // What is nullable may be left out by new clients; old ones send a value or null for each.
    function<&encrypt_message>(
        "encrypt_message",
        "Encrypt and sign a message for all its recipients. Status PEP_UNENCRYPTED means that it "
        "cannot be "
        "encrypted: dst is null, and src is to be sent as it comes back.",
        Session{},
        InOut{"src", "message to encrypt, outgoing; its identities come back completed"},
        In{"extra", "fingerprints of keys to encrypt to as well", nullable},
        Out{"dst", "the encrypted message, to be sent; null if it stays in the clear"},
        In{"enc_format", "how the encrypted message is packed"},
        In<EncryptFlags>{"flags", "bits of PEP_encrypt_flags", nullable}
    )
        .with(retry_passphrases)
        .example(examples::encrypt_message),
    // src does not come back: for the user alone, nothing is learnt about recipients.
    function<&encrypt_message_for_self>(
        "encrypt_message_for_self",
        "Encrypt a message for the user alone: drafts, and what is kept on a server that is not "
        "trusted.",
        Session{},
        In{"target_id", "own identity that can read it"},
        In{"src", "message to encrypt"},
        In{"extra", "keys of the organisation, for identities of one", nullable},
        Out{"dst", "the encrypted message"},
        In{"enc_format", "how the encrypted message is packed"},
        In<EncryptFlags>{"flags", "bits of PEP_encrypt_flags", nullable}
    )
        .with(retry_passphrases)
        .example(examples::encrypt_message_for_self),
    // The secret key is encrypted by itself, and once more with the message it is attached to.
    function<&encrypt_message_and_add_priv_key>(
        "encrypt_message_and_add_priv_key",
        "Encrypt a message from the user to himself, with his secret key attached, for another of "
        "his devices.",
        Session{},
        In{"src", "message whose sender and only recipient are the same own address"},
        Out{"dst", "the encrypted message, to be sent"},
        In{"to_fpr", "key of the other device, which the user has confirmed"},
        In{"enc_format", "how the encrypted message is packed"},
        In<EncryptFlags>{"flags", "bits of PEP_encrypt_flags", nullable}
    )
        .with(retry_passphrases)
        .example(examples::encrypt_message_and_add_priv_key),
    // Ours, see message_calls.hpp. Old clients put a dummy where keylist and flags come in.
    function<&decrypt>(
        "decrypt_message",
        "Decrypt, verify and rate a message; keys that come with it are imported. Status "
        "PEP_UNENCRYPTED "
        "means that it was in the clear: dst is null, src is the message.",
        Session{},
        InOut{"src", "message as received"},
        Out{"dst", "the decrypted message; null if there was nothing to decrypt, or it failed"},
        InOut{
            "keylist",
            "in: null, or extra keys; out: signer's fingerprint (\"\" if none), then recipients'",
            nullable | lenient_in_legacy},
        Out{"rating", "how the message was protected"},
        InOut<DecryptFlags>{"flags", "bits of PEP_decrypt_flags", nullable | lenient_in_legacy}
    )
        .with(retry_passphrases)
        .example(examples::decrypt_message),
    // The engine completes copies of the recipients, so there is nothing to give back.
    function<&outgoing_message_rating>(
        "outgoing_message_rating",
        "The rating an outgoing message will have if it is sent now.",
        Session{},
        In{"msg", "outgoing message; sender and recipients are enough"},
        Out{"rating", "never below PEP_rating_unencrypted; PEP_rating_undefined without recipients"}
    )
        .with(retry_passphrases)
        .example(examples::outgoing_message_rating),
    // What is hidden here and below concerns messages inside of others; only the engine makes them.
    function<&mime_encode_message>(
        "mime_encode_message",
        "MIME text of a message, ready to be sent.",
        Session{},
        In{"msg", "the message"},
        In{"omit_fields", "true: MIME headers only"},
        Out{"mimetext", "RFC 5322 text, 7 bit, CRLF"},
        Hidden{}
    )
        .example(examples::mime_encode_message),
    function<&mime_decode_message>(
        "mime_decode_message",
        "A message from its MIME text.",
        Session{},
        In{"mimetext", "RFC 5322 text"},
        InLength{},
        Out{"msg", "the message, incoming"},
        Hidden{}
    )
        .example(examples::mime_decode_message),
};

} // namespace

MapView message_functions() { return functions; }

} // namespace pep::api
