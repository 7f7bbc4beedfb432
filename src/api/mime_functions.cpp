// Mails as text, encrypted and decrypted in one call: what clients of the first servers use. They
// do the MIME part in the engine because their own parser gets plaintext to show only afterwards.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/message_calls.hpp"
#include "api/types/status.hpp"
#include "pEp/keymanagement.h"
#include "pEp/mime.h"

#include <cstddef>

namespace pep::api {

namespace {

using namespace rpc;
using EncryptFlags = marshal::Flags<PEP_encrypt_flags>;
using DecryptFlags = marshal::Flags<PEP_decrypt_flags>;
using OwnedMessage = marshal::Owned<message>;

/// Null in `msg` if the text cannot be read; the status says why. The parser takes all mail for
/// incoming, but only outgoing mail is encrypted.
PEP_STATUS parse(
    PEP_SESSION session,
    const char* mimetext,
    std::size_t size,
    PEP_msg_direction dir,
    OwnedMessage& msg
) {
    message* parsed = nullptr;
    const auto status = mime_decode_message(session, mimetext, size, &parsed, nullptr);
    msg.reset(parsed);
    if (parsed != nullptr)
        parsed->dir = dir;
    return status;
}

/// The status of the step that failed; `status` if the text could be made.
PEP_STATUS encode(PEP_SESSION session, const message* msg, char** text, PEP_STATUS status) {
    const auto encoded = mime_encode_message(session, msg, false, text, false);
    return encoded == PEP_STATUS_OK ? status : encoded;
}

/// Text comes out with PEP_STATUS_OK and PEP_UNENCRYPTED only: a client that does not look at the
/// status must not find what could not be protected.
PEP_STATUS encrypt_text(
    PEP_SESSION session,
    const char* mimetext,
    std::size_t size,
    stringlist_t* extra,
    char** encrypted,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    OwnedMessage msg;
    if (const auto status = parse(session, mimetext, size, PEP_dir_outgoing, msg); !msg)
        return status;
    message* dst = nullptr;
    const auto status = encrypt_message(session, msg.get(), extra, &dst, enc_format, flags);
    const OwnedMessage owner{dst};
    if (status == PEP_UNENCRYPTED) // with the own key attached, as it is to be sent
        return encode(session, msg.get(), encrypted, status);
    return dst != nullptr ? encode(session, dst, encrypted, status) : status;
}

/// Nothing comes out in the clear here: drafts are stored where others read.
PEP_STATUS encrypt_text_for_self(
    PEP_SESSION session,
    pEp_identity* target_id,
    const char* mimetext,
    std::size_t size,
    stringlist_t* extra,
    char** encrypted,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    OwnedMessage msg;
    if (const auto status = parse(session, mimetext, size, PEP_dir_outgoing, msg); !msg)
        return status;
    message* dst = nullptr;
    const auto status =
        encrypt_message_for_self(session, target_id, msg.get(), extra, &dst, enc_format, flags);
    const OwnedMessage owner{dst};
    return dst != nullptr ? encode(session, dst, encrypted, status) : status;
}

/// `modified_src` comes with the flag src_modified: the client stores it in place of the mail.
PEP_STATUS decrypt_text(
    PEP_SESSION session,
    const char* mimetext,
    std::size_t size,
    char** plain,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags,
    char** modified_src
) {
    OwnedMessage src;
    if (const auto status = parse(session, mimetext, size, PEP_dir_incoming, src); !src)
        return status;
    message* dst = nullptr;
    const auto status = decrypt(session, src.get(), &dst, keylist, rating, flags);
    const OwnedMessage owner{dst};
    // Without its text the client cannot store the modified source: the flag must not say so then.
    if ((*flags & PEP_decrypt_flag_src_modified) != 0 && dst != nullptr)
        if (encode(session, src.get(), modified_src, status) != status) {
            *flags &= ~static_cast<PEP_decrypt_flags_t>(PEP_decrypt_flag_src_modified);
            return encode(session, dst, plain, PEP_CANNOT_REENCRYPT);
        }
    // What was in the clear is shown as it was understood.
    const bool clear = status == PEP_UNENCRYPTED || status == PEP_VERIFIED;
    const message* shown = dst == nullptr && clear ? src.get() : dst;
    return shown != nullptr ? encode(session, shown, plain, status) : status;
}

/// The shape before 0.15.0: flags only come out, and the source is never changed.
PEP_STATUS decrypt_text_2016(
    PEP_SESSION session,
    const char* mimetext,
    std::size_t size,
    char** plain,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
) {
    char* modified_src = nullptr; // stays null: nobody asks for it
    const auto status =
        decrypt_text(session, mimetext, size, plain, keylist, rating, flags, &modified_src);
    const marshal::Owned<char> owner{modified_src};
    return status;
}

/// As the one above without extra keys, which this form has no place for.
PEP_STATUS encrypt_text_for_self_2017(
    PEP_SESSION session,
    pEp_identity* target_id,
    const char* mimetext,
    std::size_t size,
    char** encrypted,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    return encrypt_text_for_self(
        session, target_id, mimetext, size, nullptr, encrypted, enc_format, flags
    );
}

/// Passive mode for one call; the client's own setting holds again afterwards. Clients that share a
/// session say it with each call, so as not to change the mode of others.
class PassiveMode {
  public:
    PassiveMode(PEP_SESSION session, Context* context, bool enable)
        : session_(session), before_(context->current_settings().passive_mode) {
        // In the session only: other connections of the client do not notice.
        config_passive_mode(session, enable);
    }

    PassiveMode(const PassiveMode&) = delete;
    PassiveMode(PassiveMode&&) = delete;
    PassiveMode& operator=(const PassiveMode&) = delete;
    PassiveMode& operator=(PassiveMode&&) = delete;

    ~PassiveMode() { config_passive_mode(session_, before_); }

  private:
    PEP_SESSION session_;
    bool before_;
};

PEP_STATUS encrypt_text_ex(
    PEP_SESSION session,
    Context* context,
    const char* mimetext,
    std::size_t size,
    stringlist_t* extra,
    bool passive,
    char** encrypted,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    const PassiveMode mode{session, context, passive};
    return encrypt_text(session, mimetext, size, extra, encrypted, enc_format, flags);
}

PEP_STATUS decrypt_text_ex(
    PEP_SESSION session,
    Context* context,
    const char* mimetext,
    std::size_t size,
    bool passive,
    char** plain,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
) {
    const PassiveMode mode{session, context, passive};
    return decrypt_text_2016(session, mimetext, size, plain, keylist, rating, flags);
}

// The same parameters stand in several of the forms below.
constexpr std::string_view out_doc = "the mail to send; in the clear with PEP_UNENCRYPTED";
constexpr std::string_view plain_doc = "the decrypted mail; null if it could not be read";
constexpr std::string_view keys_doc = "signer's fingerprint (\"\" if none), then recipients'";
constexpr std::string_view passive_doc = "true: passive mode for this call";
constexpr In mail{"mimetext", "the mail, RFC 5322 text"};
constexpr In extra_keys{"extra", "fingerprints of keys to encrypt to as well", nullable};
constexpr In format{"enc_format", "how the encrypted mail is packed"};
constexpr In<EncryptFlags> encrypt_flags{"flags", "bits of PEP_encrypt_flags", nullable};
constexpr Out rating_out{"rating", "how the mail was protected"};
constexpr Out<DecryptFlags> flags_out{"flags", "bits of PEP_decrypt_flags"};

constexpr FunctionMap functions{
    "Mails as text",
    // For old clients only: new ones call mime_decode_message, then encrypt_message or
    // decrypt_message.
    function<&encrypt_text>(
        "MIME_encrypt_message",
        "Encrypt a mail given as text.",
        Session{},
        mail,
        InLength{},
        extra_keys,
        Out{"mime_ciphertext", out_doc},
        format,
        encrypt_flags
    )
        .with(retry_passphrases)
        .legacy_only(),
    function<&encrypt_text_for_self>(
        "MIME_encrypt_message_for_self",
        "Encrypt a mail given as text for the user alone.",
        Session{},
        In{"target_id", "own identity that can read it"},
        mail,
        InLength{},
        extra_keys,
        Out{"mime_ciphertext", "the encrypted mail"},
        format,
        encrypt_flags
    )
        .with(retry_passphrases)
        .legacy_only(),
    // Forms of one name are told apart by the number of parameters in the old dialect.
    function<&encrypt_text_for_self_2017>(
        "MIME_encrypt_message_for_self",
        "The form of 2017, without extra keys.",
        Session{},
        In{"target_id", "own identity that can read it"},
        mail,
        InLength{},
        Out{"mime_ciphertext", "the encrypted mail"},
        format,
        encrypt_flags
    )
        .with(retry_passphrases)
        .overload(),
    function<&decrypt_text>(
        "MIME_decrypt_message",
        "Decrypt a mail given as text.",
        Session{},
        mail,
        InLength{},
        Out{"mime_plaintext", plain_doc},
        InOut{"keylist", keys_doc, nullable | lenient_in_legacy},
        rating_out,
        InOut<DecryptFlags>{"flags", "bits of PEP_decrypt_flags", nullable | lenient_in_legacy},
        Out{"modified_src", "the mail encrypted anew, if the flags say so"}
    )
        .with(retry_passphrases)
        .legacy_only(),
    // Six parameters with the placeholders, as Enigmail sends them; the one above has seven.
    function<&decrypt_text_2016>(
        "MIME_decrypt_message",
        "The form of 2016, which Enigmail uses.",
        Session{},
        mail,
        InLength{},
        Out{"mime_plaintext", plain_doc},
        Out{"keylist", keys_doc},
        rating_out,
        flags_out
    )
        .with(retry_passphrases)
        .overload(),
    function<&encrypt_text_ex>(
        "MIME_encrypt_message_ex",
        "MIME_encrypt_message with a passive mode of its own.",
        Session{},
        Self{},
        mail,
        InLength{},
        extra_keys,
        In{"passive_mode", passive_doc},
        Out{"mime_ciphertext", out_doc},
        format,
        encrypt_flags
    )
        .with(retry_passphrases)
        .legacy_only(),
    function<&decrypt_text_ex>(
        "MIME_decrypt_message_ex",
        "MIME_decrypt_message, in the form of 2016, with a passive mode of its own.",
        Session{},
        Self{},
        mail,
        InLength{},
        In{"passive_mode", passive_doc},
        Out{"mime_plaintext", plain_doc},
        Out{"keylist", keys_doc},
        rating_out,
        flags_out
    )
        .with(retry_passphrases)
        .legacy_only(),
};

} // namespace

MapView mime_functions() { return functions; }

} // namespace pep::api
