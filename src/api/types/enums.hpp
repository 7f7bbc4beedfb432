// The engine's enumerations on the wire, each with the sense of every value.
#pragma once

#include "marshal/enums.hpp"
#include "pEp/message.h"
#include "pEp/message_api.h"
#include "pEp/pEpEngine.h"
#include "pEp/sync_api.h"

namespace pep::marshal {

template <>
struct Values<PEP_rating> {
    static constexpr std::string_view name = "PEP_rating", doc = "How a message is protected.",
                                      object_key = "rating", prefix = "PEP_rating_";
    static constexpr std::array list{
        value(PEP_rating_undefined, "PEP_rating_undefined", "not known"),
        value(
            PEP_rating_cannot_decrypt,
            "PEP_rating_cannot_decrypt",
            "encrypted, and damaged or in an unknown format"
        ),
        value(
            PEP_rating_have_no_key, "PEP_rating_have_no_key", "encrypted to keys that are not here"
        ),
        value(PEP_rating_unencrypted, "PEP_rating_unencrypted", "anybody could read and alter it"),
        value(
            PEP_rating_unreliable,
            "PEP_rating_unreliable",
            "encrypted, but weakly or not provably by the sender"
        ),
        value(
            PEP_rating_media_key_protected,
            "PEP_rating_media_key_protected",
            "encrypted to a key of the mail system"
        ),
        value(
            PEP_rating_reliable, "PEP_rating_reliable", "encrypted; the keys were not compared yet"
        ),
        value(PEP_rating_trusted, "PEP_rating_trusted", "encrypted to confirmed keys"),
        value(
            PEP_rating_trusted_and_anonymized,
            "PEP_rating_trusted_and_anonymized",
            "confirmed keys, p≡p on both sides"
        ),
        value(
            PEP_rating_fully_anonymous,
            "PEP_rating_fully_anonymous",
            "transport hides the partners, too"
        ),
        value(
            PEP_rating_mistrust, "PEP_rating_mistrust", "a key involved was rejected by the user"
        ),
        value(PEP_rating_b0rken, "PEP_rating_b0rken", "the mail contradicts itself"),
        value(
            PEP_rating_under_attack,
            "PEP_rating_under_attack",
            "a key involved is known to be in foreign hands"
        ),
    };
};

// A plain integer on the wire, unlike a rating.
template <>
struct Values<PEP_comm_type> {
    static constexpr std::string_view
        name = "PEP_comm_type",
        doc = "How well messages to an identity can be protected; the bit 0x80 says that "
              "the user confirmed the key.",
        prefix = "PEP_ct_";
    static constexpr std::array list{
        value(PEP_ct_unknown, "PEP_ct_unknown", "not known"),
        value(PEP_ct_no_encryption, "PEP_ct_no_encryption", "the partner cannot encrypt"),
        value(PEP_ct_no_encrypted_channel, "PEP_ct_no_encrypted_channel", "no encrypted channel"),
        value(PEP_ct_key_not_found, "PEP_ct_key_not_found", "no usable key"),
        value(PEP_ct_key_expired, "PEP_ct_key_expired", "the key has expired"),
        value(PEP_ct_key_revoked, "PEP_ct_key_revoked", "the key was revoked by its owner"),
        value(PEP_ct_key_b0rken, "PEP_ct_key_b0rken", "the key cannot both encrypt and sign"),
        value(
            PEP_ct_key_expired_but_confirmed,
            "PEP_ct_key_expired_but_confirmed",
            "a confirmed key has expired"
        ),
        value(
            PEP_ct_my_key_not_included, "PEP_ct_my_key_not_included", "not encrypted to the own key"
        ),
        value(PEP_ct_security_by_obscurity, "PEP_ct_security_by_obscurity", "no real encryption"),
        value(PEP_ct_b0rken_crypto, "PEP_ct_b0rken_crypto", "broken algorithm"),
        value(PEP_ct_key_too_short, "PEP_ct_key_too_short", "less than 1024 bits"),
        value(PEP_ct_compromised, "PEP_ct_compromised", "in foreign hands"),
        value(PEP_ct_mistrusted, "PEP_ct_mistrusted", "rejected by the user"),
        value(PEP_ct_unconfirmed_encryption, "PEP_ct_unconfirmed_encryption", "some encryption"),
        value(
            PEP_ct_OpenPGP_weak_unconfirmed,
            "PEP_ct_OpenPGP_weak_unconfirmed",
            "OpenPGP with 1024 bits"
        ),
        value(PEP_ct_to_be_checked, "PEP_ct_to_be_checked", "to be checked"),
        value(PEP_ct_SMIME_unconfirmed, "PEP_ct_SMIME_unconfirmed", "S/MIME"),
        value(PEP_ct_CMS_unconfirmed, "PEP_ct_CMS_unconfirmed", "CMS"),
        value(PEP_ct_strong_but_unconfirmed, "PEP_ct_strong_but_unconfirmed", "strong encryption"),
        value(PEP_ct_OpenPGP_unconfirmed, "PEP_ct_OpenPGP_unconfirmed", "OpenPGP"),
        value(PEP_ct_OTR_unconfirmed, "PEP_ct_OTR_unconfirmed", "OTR"),
        value(PEP_ct_unconfirmed_enc_anon, "PEP_ct_unconfirmed_enc_anon", "anonymised transport"),
        value(PEP_ct_pEp_unconfirmed, "PEP_ct_pEp_unconfirmed", "a p≡p user"),
        value(PEP_ct_confirmed, "PEP_ct_confirmed", "the bit alone"),
        value(
            PEP_ct_confirmed_encryption, "PEP_ct_confirmed_encryption", "some encryption, confirmed"
        ),
        value(PEP_ct_OpenPGP_weak, "PEP_ct_OpenPGP_weak", "OpenPGP with 1024 bits, confirmed"),
        value(
            PEP_ct_to_be_checked_confirmed,
            "PEP_ct_to_be_checked_confirmed",
            "to be checked, confirmed"
        ),
        value(PEP_ct_SMIME, "PEP_ct_SMIME", "S/MIME, confirmed"),
        value(PEP_ct_CMS, "PEP_ct_CMS", "CMS, confirmed"),
        value(PEP_ct_strong_encryption, "PEP_ct_strong_encryption", "strong encryption, confirmed"),
        value(PEP_ct_OpenPGP, "PEP_ct_OpenPGP", "OpenPGP, confirmed"),
        value(PEP_ct_OTR, "PEP_ct_OTR", "OTR, confirmed"),
        value(
            PEP_ct_confirmed_enc_anon,
            "PEP_ct_confirmed_enc_anon",
            "anonymised transport, confirmed"
        ),
        value(PEP_ct_pEp, "PEP_ct_pEp", "a p≡p user, confirmed"),
    };
};

template <>
struct Values<PEP_color> {
    static constexpr std::string_view name = "PEP_color", doc = "What a rating is shown as.",
                                      object_key = "color", prefix = "PEP_color_";
    static constexpr std::array list{
        value(PEP_color_no_color, "PEP_color_no_color", "nothing to show"),
        value(PEP_color_yellow, "PEP_color_yellow", "protected"),
        value(PEP_color_green, "PEP_color_green", "protected, and the keys are confirmed"),
        value(PEP_color_red, "PEP_color_red", "a key involved is rejected"),
    };
};

template <>
struct Values<PEP_enc_format> {
    static constexpr std::string_view name = "PEP_enc_format",
                                      doc = "How an encrypted message is packed.",
                                      prefix = "PEP_enc_";
    static constexpr std::array list{
        value(PEP_enc_none, "PEP_enc_none", "not encrypted"),
        value(PEP_enc_inline, "PEP_enc_inline", "text and each attachment by itself"),
        value(PEP_enc_S_MIME, "PEP_enc_S_MIME", "S/MIME; not supported"),
        value(PEP_enc_PGP_MIME, "PEP_enc_PGP_MIME", "PGP/MIME (RFC 3156)"),
        value(PEP_enc_PEP, "PEP_enc_PEP", "p≡p: the whole message, headers included"),
        value(
            PEP_enc_PGP_MIME_Outlook1,
            "PEP_enc_PGP_MIME_Outlook1",
            "PGP/MIME with its parts swapped; only read"
        ),
        value(
            PEP_enc_inline_EA,
            "PEP_enc_inline_EA",
            "inline with typed attachments, for other transports"
        ),
        value(PEP_enc_auto, "PEP_enc_auto", "what the recipients prefer"),
    };
};

template <>
struct Values<PEP_msg_direction> {
    static constexpr std::string_view name = "PEP_msg_direction", doc = "Which way a message goes.",
                                      prefix = "PEP_dir_";
    static constexpr std::array list{
        value(PEP_dir_incoming, "PEP_dir_incoming", "received"),
        value(PEP_dir_outgoing, "PEP_dir_outgoing", "to be sent"),
    };
};

template <>
struct Values<PEP_CIPHER_SUITE> {
    static constexpr std::string_view name = "PEP_CIPHER_SUITE", doc = "Algorithms of new keys.",
                                      prefix = "PEP_CIPHER_SUITE_";
    static constexpr std::array list{
        value(
            PEP_CIPHER_SUITE_DEFAULT, "PEP_CIPHER_SUITE_DEFAULT", "the recommended one: Curve25519"
        ),
        value(PEP_CIPHER_SUITE_CV25519, "PEP_CIPHER_SUITE_CV25519", "Ed25519 and Curve25519"),
        value(PEP_CIPHER_SUITE_P256, "PEP_CIPHER_SUITE_P256", "NIST P-256"),
        value(PEP_CIPHER_SUITE_P384, "PEP_CIPHER_SUITE_P384", "NIST P-384"),
        value(PEP_CIPHER_SUITE_P521, "PEP_CIPHER_SUITE_P521", "NIST P-521"),
        value(PEP_CIPHER_SUITE_RSA2K, "PEP_CIPHER_SUITE_RSA2K", "RSA, 2048 bits"),
        value(PEP_CIPHER_SUITE_RSA3K, "PEP_CIPHER_SUITE_RSA3K", "RSA, 3072 bits"),
        value(PEP_CIPHER_SUITE_RSA4K, "PEP_CIPHER_SUITE_RSA4K", "RSA, 4096 bits"),
        value(PEP_CIPHER_SUITE_RSA8K, "PEP_CIPHER_SUITE_RSA8K", "RSA, 8192 bits; not supported"),
    };
};

template <>
struct Values<sync_handshake_signal> {
    static constexpr std::string_view name = "sync_handshake_signal",
                                      doc = "What the synchronisation of devices has to tell.",
                                      object_key = "sync_handshake_signal", prefix = "SYNC_NOTIFY_";
    static constexpr std::array list{
        value(SYNC_NOTIFY_UNDEFINED, "SYNC_NOTIFY_UNDEFINED", "nothing"),
        value(
            SYNC_NOTIFY_INIT_ADD_OUR_DEVICE,
            "SYNC_NOTIFY_INIT_ADD_OUR_DEVICE",
            "this device may join a group"
        ),
        value(
            SYNC_NOTIFY_INIT_ADD_OTHER_DEVICE,
            "SYNC_NOTIFY_INIT_ADD_OTHER_DEVICE",
            "another device wants to join the group"
        ),
        value(
            SYNC_NOTIFY_INIT_FORM_GROUP,
            "SYNC_NOTIFY_INIT_FORM_GROUP",
            "two devices may form a group"
        ),
        value(SYNC_NOTIFY_TIMEOUT, "SYNC_NOTIFY_TIMEOUT", "the handshake took too long"),
        value(
            SYNC_NOTIFY_ACCEPTED_DEVICE_ADDED,
            "SYNC_NOTIFY_ACCEPTED_DEVICE_ADDED",
            "another device was added"
        ),
        value(
            SYNC_NOTIFY_ACCEPTED_GROUP_CREATED,
            "SYNC_NOTIFY_ACCEPTED_GROUP_CREATED",
            "the group was formed"
        ),
        value(
            SYNC_NOTIFY_ACCEPTED_DEVICE_ACCEPTED,
            "SYNC_NOTIFY_ACCEPTED_DEVICE_ACCEPTED",
            "this device was added"
        ),
        value(
            SYNC_NOTIFY_OUTGOING_RATING_CHANGE,
            "SYNC_NOTIFY_OUTGOING_RATING_CHANGE",
            "ratings of outgoing mail may have changed"
        ),
        value(SYNC_NOTIFY_START, "SYNC_NOTIFY_START", "synchronisation begins"),
        value(SYNC_NOTIFY_STOP, "SYNC_NOTIFY_STOP", "synchronisation ended"),
        value(SYNC_PASSPHRASE_REQUIRED, "SYNC_PASSPHRASE_REQUIRED", "a passphrase is needed"),
        value(
            SYNC_NOTIFY_GROUP_INVITATION,
            "SYNC_NOTIFY_GROUP_INVITATION",
            "an invitation to a managed group"
        ),
        value(SYNC_NOTIFY_SOLE, "SYNC_NOTIFY_SOLE", "this device is in no group"),
        value(SYNC_NOTIFY_IN_GROUP, "SYNC_NOTIFY_IN_GROUP", "this device is in a group"),
    };
};

template <>
struct Values<sync_handshake_result> {
    static constexpr std::string_view name = "sync_handshake_result",
                                      doc = "The user's answer to a handshake.",
                                      prefix = "SYNC_HANDSHAKE_";
    static constexpr std::array list{
        value(SYNC_HANDSHAKE_CANCEL, "SYNC_HANDSHAKE_CANCEL", "not now"),
        value(SYNC_HANDSHAKE_ACCEPTED, "SYNC_HANDSHAKE_ACCEPTED", "yes"),
        value(SYNC_HANDSHAKE_REJECTED, "SYNC_HANDSHAKE_REJECTED", "no"),
    };
};

// Sets of bits: "no flag" is 0 and has no row.
template <>
struct Values<PEP_encrypt_flags> {
    static constexpr std::string_view name = "PEP_encrypt_flags",
                                      doc = "Bits that change how a message is encrypted.";
    static constexpr bool flags = true;
    static constexpr std::array list{
        value(
            PEP_encrypt_flag_force_encryption,
            "PEP_encrypt_flag_force_encryption",
            "accepted, without effect by itself"
        ),
        value(PEP_encrypt_flag_force_unsigned, "PEP_encrypt_flag_force_unsigned", "do not sign"),
        value(
            PEP_encrypt_flag_force_no_attached_key,
            "PEP_encrypt_flag_force_no_attached_key",
            "do not attach the own key"
        ),
        value(
            PEP_encrypt_flag_inner_message,
            "PEP_encrypt_flag_inner_message",
            "the message is an inner one"
        ),
        value(
            PEP_encrypt_flag_force_version_1,
            "PEP_encrypt_flag_force_version_1",
            "message format 1.0"
        ),
        value(
            PEP_encrypt_flag_key_reset_only, "PEP_encrypt_flag_key_reset_only", "mark as key reset"
        ),
        value(
            PEP_encrypt_reencrypt, "PEP_encrypt_reencrypt", "re-encryption for an untrusted server"
        ),
        value(
            PEP_encrypt_flag_key_reset_repropagate,
            "PEP_encrypt_flag_key_reset_repropagate",
            "accepted, without effect"
        ),
    };
};

// The low octet comes out, the next one goes in.
template <>
struct Values<PEP_decrypt_flags> {
    static constexpr std::string_view name = "PEP_decrypt_flags",
                                      doc = "Bits into and out of decryption.";
    static constexpr bool flags = true;
    static constexpr std::array list{
        value(
            PEP_decrypt_flag_own_private_key,
            "PEP_decrypt_flag_own_private_key",
            "out: an own secret key came with it"
        ),
        value(
            PEP_decrypt_flag_consume, "PEP_decrypt_flag_consume", "out: not for people, delete it"
        ),
        value(PEP_decrypt_flag_ignore, "PEP_decrypt_flag_ignore", "out: not for people, hide it"),
        value(
            PEP_decrypt_flag_src_modified,
            "PEP_decrypt_flag_src_modified",
            "out: store the source again"
        ),
        value(
            PEP_decrypt_flag_untrusted_server,
            "PEP_decrypt_flag_untrusted_server",
            "in: the server is not trusted"
        ),
        value(
            PEP_decrypt_flag_dont_trigger_sync,
            "PEP_decrypt_flag_dont_trigger_sync",
            "in: do not start synchronisation"
        ),
    };
};

template <>
struct Values<identity_flags> {
    static constexpr std::string_view name = "identity_flags", doc = "Bits of an identity.";
    static constexpr bool flags = true;
    static constexpr std::array list{
        value(PEP_idf_not_for_sync, "PEP_idf_not_for_sync", "not synchronised between devices"),
        value(PEP_idf_list, "PEP_idf_list", "a mailing list"),
        value(PEP_idf_devicegroup, "PEP_idf_devicegroup", "shared by a group of devices"),
        value(PEP_idf_org_ident, "PEP_idf_org_ident", "of an organisation; may use extra keys"),
        value(PEP_idf_group_ident, "PEP_idf_group_ident", "of a managed group"),
        value(PEP_idf_transport_mandatory, "PEP_idf_transport_mandatory", "only by its transport"),
        value(PEP_idf_signing, "PEP_idf_signing", "of the device, for signatures"),
    };
};

} // namespace pep::marshal
