// See the header.
#include "engine/message_seal.hpp"

#include "engine/message_format.hpp"

namespace pep::engine {

Expected<void> seal(KeyRing& keys, std::string entity, const Recipients& recipients, message& dst) {
    Expected<std::string> armored;
    {
        const Plaintext plaintext{std::move(entity)};
        armored = keys.encrypt(
            recipients.fprs,
            plaintext.text(),
            recipients.signing,
            recipients.passphrase,
            recipients.hidden
        );
    }
    if (!armored)
        return fail(armored);
    assign(dst.longmsg, encrypted_body);
    append(dst.attachments, make_blob("Version: 1", "application/pgp-encrypted", nullptr));
    append(dst.attachments, make_blob(*armored, "application/octet-stream", "file://msg.asc"));
    dst.enc_format = PEP_enc_PGP_MIME;
    return {};
}

} // namespace pep::engine
