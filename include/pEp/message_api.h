/* Encrypt, decrypt and rate messages; trustwords of two partners. */
#pragma once

#include "message.h"
#include "pEpEngine.h"

PEP_BEGIN_DECLS

typedef enum _PEP_encrypt_flags PEP_INT_ENUM {
    PEP_encrypt_flag_default = 0x0,
    PEP_encrypt_flag_force_encryption = 0x1,
    PEP_encrypt_flag_force_unsigned = 0x2,
    PEP_encrypt_flag_force_no_attached_key = 0x4,
    PEP_encrypt_flag_inner_message = 0x8,
    PEP_encrypt_flag_force_version_1 = 0x10,
    PEP_encrypt_flag_key_reset_only = 0x20,
    PEP_encrypt_reencrypt = 0x40,
    PEP_encrypt_flag_key_reset_repropagate = 0x80
} PEP_encrypt_flags;

typedef unsigned int PEP_encrypt_flags_t;

typedef enum _PEP_decrypt_flags PEP_INT_ENUM {
    PEP_decrypt_flag_own_private_key = 0x1,
    PEP_decrypt_flag_consume = 0x2,
    PEP_decrypt_flag_ignore = 0x4,
    PEP_decrypt_flag_src_modified = 0x8,
    PEP_decrypt_flag_untrusted_server = 0x100,
    PEP_decrypt_flag_dont_trigger_sync = 0x200
} PEP_decrypt_flags;

typedef unsigned int PEP_decrypt_flags_t;

/** Encrypt `src` (outgoing) for its recipients and the `extra` keys. PEP_STATUS_OK: *dst is the
 * message to send. PEP_UNENCRYPTED: *dst is NULL and `src`, with the own key attached perhaps, is
 * to be sent. */
PEP_API PEP_STATUS encrypt_message(
    PEP_SESSION session,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
);

/** Encrypt `src` for the user alone: drafts, and what is stored on servers that are not trusted.
 * Readers are `target_id`, completed as by myself(), or its fpr when it has no address, and the
 * `extra` keys when it has the flag org_ident. The subject, Bcc and all of the header are inside;
 * no key is attached. PEP_ILLEGAL_VALUE for PEP_enc_none and for a message that is encrypted
 * already. */
PEP_API PEP_STATUS encrypt_message_for_self(
    PEP_SESSION session,
    pEp_identity* target_id,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
);

/** Encrypt a message from the user to himself, with the secret part of his default key attached,
 * encrypted once more, for another device of his. From and the only To are the same own address,
 * and the user has confirmed `to_fpr`, the key of that device; else PEP_ILLEGAL_VALUE. */
PEP_API PEP_STATUS encrypt_message_and_add_priv_key(
    PEP_SESSION session,
    message* src,
    message** dst,
    const char* to_fpr,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
);

/** Decrypt, verify and rate `src`. With the flag untrusted_server *keylist are extra keys on input,
 * which stay the caller's: `src` comes back encrypted for them, too, flag src_modified says so, and
 * PEP_CANNOT_REENCRYPT that it failed, though the message was decrypted. *dst is NULL when there
 * was no plaintext; *keylist holds the signer's fingerprint first ("" when there is none), then
 * those of the recipients. */
PEP_API PEP_STATUS decrypt_message(
    PEP_SESSION session,
    message* src,
    message** dst,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
);

/** Rating an outgoing message will have: never below `unencrypted`; no recipients: `undefined`. */
PEP_API PEP_STATUS outgoing_message_rating(PEP_SESSION session, message* msg, PEP_rating* rating);

/** The same from stored trust alone: quick, without side effects, perhaps out of date. Without
 * recipients `trusted_and_anonymized`. */
PEP_API PEP_STATUS
outgoing_message_rating_preview(PEP_SESSION session, message* msg, PEP_rating* rating);

/** Identical to outgoing_message_rating. */
PEP_API PEP_STATUS sent_message_rating(PEP_SESSION session, message* msg, PEP_rating* rating);

/** Rate a decrypted message again, by what is known about its keys now. `x_keylist` NULL: field
 * X-KeyList; `x_enc_status` undefined: field X-EncStatus; PEP_ILLEGAL_VALUE when neither says. */
PEP_API PEP_STATUS re_evaluate_message_rating(
    PEP_SESSION session,
    message* msg,
    stringlist_t* x_keylist,
    PEP_rating x_enc_status,
    PEP_rating* rating
);

/** Rating of a user's key from stored trust: PEP_CANNOT_FIND_IDENTITY without trust row,
 *  PEP_RECORD_NOT_FOUND when the row says nothing. */
PEP_API PEP_STATUS get_key_rating_for_user(
    PEP_SESSION session, const char* user_id, const char* fpr, PEP_rating* rating
);

/** Key ids a message is encrypted to, hidden recipients as zeros; PEP_UNENCRYPTED when it is not.
 */
PEP_API PEP_STATUS get_key_ids(PEP_SESSION session, message* msg, stringlist_t** keylist);

/** Rating of messages to one identity. */
PEP_API PEP_STATUS identity_rating(PEP_SESSION session, pEp_identity* ident, PEP_rating* rating);

/** What a user interface shows for a rating; what mail to a partner of this comm_type is worth. */
PEP_API PEP_color color_from_rating(PEP_rating rating);
PEP_API PEP_rating rating_from_comm_type(PEP_comm_type ct);

/** Name of a rating, static. */
PEP_API const char* rating_to_string(PEP_rating rating);

/** Inverse of rating_to_string; unknown names, NULL and `media_key_protected` give undefined. */
PEP_API PEP_rating string_to_rating(const char* rating);

/** Words two people compare to authenticate their keys: RIPEMD-160, unless one is known to use an
 * engine before 3.3. Then PEP_TRUSTWORD_NOT_FOUND, or XOR with the option xor_trustwords. */
PEP_API PEP_STATUS get_trustwords(
    PEP_SESSION session,
    const pEp_identity* id1,
    const pEp_identity* id2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
);

/** Words of two fingerprints by a method of the caller's choice. XOR is for partners known to
 * use 2.x: a partner who can choose his key can make it collide. get_trustwords_for_fprs is the old
 * name of XOR. */
PEP_API PEP_STATUS get_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
);
PEP_API PEP_STATUS get_xor_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
);
PEP_API PEP_STATUS get_ripemd160_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
);

/** Words of the signer of a message and the own identity that received it. `keylist` as
 * decrypt_message gave it; NULL: the message is decrypted for it. */
PEP_API PEP_STATUS get_message_trustwords(
    PEP_SESSION session,
    message* msg,
    stringlist_t* keylist,
    pEp_identity* received_by,
    const char* lang,
    char** words,
    bool full
);

PEP_END_DECLS
