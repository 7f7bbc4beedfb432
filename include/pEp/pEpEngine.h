/* The p≡p engine: sessions, statuses, identities, keys and trust.
 *
 * Conventions of this API:
 *  1. Functions return a PEP_STATUS; outputs are set to NULL/0 before anything else can fail.
 *  2. A NULL session or a missing required argument gives PEP_ILLEGAL_VALUE; for a required string ""
 *     counts as NULL. Nothing is asserted on input and no exception leaves the library.
 *  3. Strings are UTF-8. Memory handed out belongs to the caller: free_…() of its type, else pEp_free().
 *  4. Fingerprints are upper case hex digits of the primary key, without spaces.
 *  5. A session serves one thread at a time; different sessions may run in parallel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "export.h"
#include "status.h"
#include "stringlist.h"
#include "stringpair.h"
#include "timestamp.h"

PEP_BEGIN_DECLS

#define PEP_VERSION "3.3"           /**< protocol version written into mails */
#define PEP_VERSION_MAJOR 3
#define PEP_VERSION_MINOR 3
#define PEP_OWN_USERID "pEp_own_userId" /**< user id of the user when none is given */

typedef struct pEp_session_* PEP_SESSION;

/** How well messages to an identity can be protected; ordered, comparisons are numeric. */
typedef enum _PEP_comm_type PEP_INT_ENUM {
    PEP_ct_unknown = 0,
    PEP_ct_no_encryption = 0x01,
    PEP_ct_no_encrypted_channel = 0x02,
    PEP_ct_key_not_found = 0x03,
    PEP_ct_key_expired = 0x04,
    PEP_ct_key_revoked = 0x05,
    PEP_ct_key_b0rken = 0x06,
    PEP_ct_key_expired_but_confirmed = 0x07,
    PEP_ct_my_key_not_included = 0x09,
    PEP_ct_security_by_obscurity = 0x0a,
    PEP_ct_b0rken_crypto = 0x0b,
    PEP_ct_key_too_short = 0x0c,
    PEP_ct_compromised = 0x0e,
    PEP_ct_compromized = PEP_ct_compromised, /**< as older engines spelt it */
    PEP_ct_mistrusted = 0x0f,
    PEP_ct_unconfirmed_encryption = 0x10,
    PEP_ct_OpenPGP_weak_unconfirmed = 0x11,
    PEP_ct_to_be_checked = 0x20,
    PEP_ct_SMIME_unconfirmed = 0x21,
    PEP_ct_CMS_unconfirmed = 0x22,
    PEP_ct_strong_but_unconfirmed = 0x30,
    PEP_ct_OpenPGP_unconfirmed = 0x38,
    PEP_ct_OTR_unconfirmed = 0x3a,
    PEP_ct_unconfirmed_enc_anon = 0x40,
    PEP_ct_pEp_unconfirmed = 0x7f,
    PEP_ct_confirmed = 0x80,
    PEP_ct_confirmed_encryption = 0x90,
    PEP_ct_OpenPGP_weak = 0x91,
    PEP_ct_to_be_checked_confirmed = 0xa0,
    PEP_ct_SMIME = 0xa1,
    PEP_ct_CMS = 0xa2,
    PEP_ct_strong_encryption = 0xb0,
    PEP_ct_OpenPGP = 0xb8,
    PEP_ct_OTR = 0xba,
    PEP_ct_confirmed_enc_anon = 0xc0,
    PEP_ct_pEp = 0xff
} PEP_comm_type;

/** How a message was, or will be, protected. */
typedef enum _PEP_rating PEP_INT_ENUM {
    PEP_rating_undefined = 0,
    PEP_rating_cannot_decrypt = 1,
    PEP_rating_have_no_key = 2,
    PEP_rating_unencrypted = 3,
    PEP_rating_unreliable = 4,
    PEP_rating_media_key_protected = 5,
    PEP_rating_reliable = 6,
    PEP_rating_trusted = 7,
    PEP_rating_trusted_and_anonymized = 8,
    PEP_rating_fully_anonymous = 9,
    PEP_rating_mistrust = -1,
    PEP_rating_b0rken = -2,
    PEP_rating_under_attack = -3
} PEP_rating;

typedef enum _PEP_color PEP_INT_ENUM {
    PEP_color_no_color = 0,
    PEP_color_yellow = 1,
    PEP_color_green = 2,
    PEP_color_red = -1
} PEP_color;

typedef enum _PEP_enc_format PEP_INT_ENUM {
    PEP_enc_none = 0,
    PEP_enc_inline = 1,
    PEP_enc_S_MIME = 2,
    PEP_enc_PGP_MIME = 3,
    PEP_enc_PEP = 4,
    PEP_enc_PGP_MIME_Outlook1 = 5,
    PEP_enc_inline_EA = 6,
    PEP_enc_auto = 255
} PEP_enc_format;

typedef enum _PEP_CIPHER_SUITE PEP_INT_ENUM {
    PEP_CIPHER_SUITE_DEFAULT = 0,
    PEP_CIPHER_SUITE_CV25519 = 1,
    PEP_CIPHER_SUITE_P256 = 2,
    PEP_CIPHER_SUITE_P384 = 3,
    PEP_CIPHER_SUITE_P521 = 4,
    PEP_CIPHER_SUITE_RSA2K = 5,
    PEP_CIPHER_SUITE_RSA3K = 6,
    PEP_CIPHER_SUITE_RSA4K = 7,
    PEP_CIPHER_SUITE_RSA8K = 8
} PEP_CIPHER_SUITE;

/** Cryptographic systems; this engine speaks OpenPGP only. */
typedef enum _PEP_cryptotech PEP_INT_ENUM { PEP_crypt_none = 0, PEP_crypt_OpenPGP = 1 } PEP_cryptotech;

typedef enum _identity_flags PEP_INT_ENUM {
    PEP_idf_not_for_sync = 0x0001,
    PEP_idf_list = 0x0002,
    PEP_idf_devicegroup = 0x0100,
    PEP_idf_org_ident = 0x0200,
    PEP_idf_group_ident = 0x0400,
    PEP_idf_transport_mandatory = 0x0800,
    PEP_idf_signing = 0x1000
} identity_flags;

typedef unsigned int identity_flags_t;

/** A communication partner, or the user. */
typedef struct _pEp_identity {
    char* address;             /* e-mail address or URI */
    char* fpr;                 /* fingerprint of the key chosen for use */
    char* user_id;             /* who this is, whatever the address */
    char* username;            /* display name */
    PEP_comm_type comm_type;   /* of (user_id, fpr) */
    char lang[3];              /* ISO 639-1, "" = unknown */
    bool me;                   /* an identity of the user */
    unsigned int major_ver;    /* protocol version of the partner; 0.0 = unknown */
    unsigned int minor_ver;
    PEP_enc_format enc_format; /* preferred outgoing format */
    identity_flags_t flags;
} pEp_identity;

struct _identity_list;
struct _message;

/** Deliver a message; the callee owns it. NULL, which this engine never passes, asks for the next
 *  candidate passphrase to be configured. */
typedef PEP_STATUS (*messageToSend_t)(struct _message* msg);

/** Make the session's current passphrase the right one for `fpr`. */
typedef PEP_STATUS (*ensure_passphrase_t)(PEP_SESSION session, const char* fpr);

struct Sync_event;
typedef struct Sync_event* SYNC_EVENT;
typedef int (*inject_sync_event_t)(SYNC_EVENT ev, void* management);

/* ---- sessions and configuration ---- */

/** Start a session on the user's home: $PEPHOME, else $HOME/.pEp. Callbacks may be NULL. */
PEP_API PEP_STATUS init(
    PEP_SESSION* session,
    messageToSend_t messageToSend,
    inject_sync_event_t inject_sync_event,
    ensure_passphrase_t ensure_passphrase
);

/** What an engine is started with; zero-initialise and set what differs. */
typedef struct _pEp_engine_options {
    const char* home;           /* directory of the store; NULL as in init() */
    const char* trustwords_dir; /* dictionaries; NULL: `<home>/trustwords`, else the installed ones */
    bool xor_trustwords;        /* give XOR words for partners older than 3.3 instead of refusing */
    /* Used instead of messageToSend, with `management`, when set: several engines can tell their mails apart. */
    PEP_STATUS (*message_to_send)(void* management, struct _message* msg);
    void* management;           /* the caller's; must outlive the session */
} pEp_engine_options;

/** Like init(), on a home directory of the caller's choice, so that several engines live in one process. */
PEP_API PEP_STATUS init_with_options(
    PEP_SESSION* session,
    const pEp_engine_options* options,
    messageToSend_t messageToSend,
    inject_sync_event_t inject_sync_event,
    ensure_passphrase_t ensure_passphrase
);

/** End a session; NULL is tolerated. Passphrases are wiped. */
PEP_API void release(PEP_SESSION session);

/** true: do not attach the own key to unencrypted mail unless a recipient is a known p≡p user. */
PEP_API void config_passive_mode(PEP_SESSION session, bool enable);

/** true: the real subject stays outside, in format 1.0 and when received mail is encrypted again. */
PEP_API void config_unencrypted_subject(PEP_SESSION session, bool enable);

/** Algorithm of new keys; PEP_CANNOT_CONFIG when unsupported, the suite is then unchanged. */
PEP_API PEP_STATUS config_cipher_suite(PEP_SESSION session, PEP_CIPHER_SUITE suite);

/** The passphrase tried on locked keys; NULL clears it. */
PEP_API PEP_STATUS config_passphrase(PEP_SESSION session, const char* passphrase);

/** Protect new keys with `passphrase`. */
PEP_API PEP_STATUS config_passphrase_for_new_keys(PEP_SESSION session, bool enable, const char* passphrase);

/** Keys of mail gateways: pairs of address pattern (`*`, `?`, `[…]`; a leading `mailto:` is ignored) and
 *  fingerprint, tried in order. An address that matches counts as a p≡p user's even without a key of its
 *  own. Replaces the former map; NULL empties it. The list stays the caller's. */
PEP_API PEP_STATUS config_media_keys(PEP_SESSION session, const stringpair_list_t* map);

/** Accepted, without effect: own secret keys are the only ones ever used, and an engine logs to standard
 *  error or not at all, as the environment variable PEP_LOG says when something first fails. */
PEP_API void config_use_only_own_private_keys(PEP_SESSION session, bool enable);
PEP_API void config_service_log(PEP_SESSION session, bool enable);
PEP_API void config_enable_log(PEP_SESSION session, bool enable);
PEP_API void config_enable_log_synchronous(PEP_SESSION session, bool enable);
PEP_API PEP_STATUS set_debug_color(PEP_SESSION session, int ansi_color);

/** Directories, absolute but for the first: ".pEp", the home init() would use, and that of installed
 *  data. They are computed once and belong to the library: valid until reset or clear. NULL when the
 *  environment does not say (neither PEPHOME nor HOME). */
PEP_API const char* per_user_relative_directory(void);
PEP_API const char* per_user_directory(void);
PEP_API const char* per_machine_directory(void);

/** Compute the directories again, as after a change of the environment; PEP_UNBOUND_ENVIRONMENT_VARIABLE. */
PEP_API PEP_STATUS reset_path_cache(void);
PEP_API void clear_path_cache(void);

/** Program behind a cryptographic system: always PEP_STATUS_OK with NULL, OpenPGP is a library here. */
PEP_API PEP_STATUS get_binary_path(PEP_cryptotech tech, const char** path);

/** Versions of this engine and of the p≡p protocol it speaks; static. */
PEP_API const char* get_engine_version(void);
PEP_API const char* get_protocol_version(void);

/** Release, or change the size of, memory this library handed out that has no free_…() of its own. */
PEP_API void pEp_free(void* p);
PEP_API void* pEp_realloc(void* p, size_t size);

/** False for PEP_STATUS_OK and for what is an outcome rather than a failure, such as
 *  PEP_KEY_IMPORTED, PEP_UNENCRYPTED or PEP_PASSPHRASE_REQUIRED. */
PEP_API bool PEP_STATUS_is_error(PEP_STATUS status);

/* ---- identities as values ---- */

/** Copies its arguments; each may be NULL; everything else is zero. */
PEP_API pEp_identity* new_identity(
    const char* address, const char* fpr, const char* user_id, const char* username
);
PEP_API pEp_identity* identity_dup(const pEp_identity* src);
PEP_API void free_identity(pEp_identity* identity);

/* ---- identity store ---- */

/** Row of (address, user_id); PEP_CANNOT_FIND_IDENTITY when there is none. No key is validated. */
PEP_API PEP_STATUS get_identity(
    PEP_SESSION session, const char* address, const char* user_id, pEp_identity** identity
);

/** Store an identity, its person, key and trust in one transaction. Needs address, user_id, username. */
PEP_API PEP_STATUS set_identity(PEP_SESSION session, const pEp_identity* identity);
PEP_API PEP_STATUS set_identity_flags(PEP_SESSION session, pEp_identity* identity, identity_flags_t flags);
PEP_API PEP_STATUS unset_identity_flags(PEP_SESSION session, pEp_identity* identity, identity_flags_t flags);
PEP_API PEP_STATUS set_ident_enc_format(PEP_SESSION session, pEp_identity* identity, PEP_enc_format format);

/** Mark the user of `identity` as p≡p user; trust rows rise to the p≡p level, versions to 2.1 at least. */
PEP_API PEP_STATUS set_as_pEp_user(PEP_SESSION session, pEp_identity* identity);
PEP_API PEP_STATUS is_pEp_user(PEP_SESSION session, pEp_identity* identity, bool* is_pEp);
PEP_API PEP_STATUS get_default_own_userid(PEP_SESSION session, char** userid);
PEP_API PEP_STATUS get_userid_alias_default(PEP_SESSION session, const char* alias_id, char** default_id);
PEP_API PEP_STATUS set_userid_alias(PEP_SESSION session, const char* default_id, const char* alias_id);

/** Remove the identities of test runs: those whose address ends in "@pEptest.ch". */
PEP_API PEP_STATUS reset_pEptest_hack(PEP_SESSION session);

/* ---- trust ---- */

/** Fill comm_type from the trust row of (user_id, fpr); PEP_CANNOT_FIND_IDENTITY when there is none. */
PEP_API PEP_STATUS get_trust(PEP_SESSION session, pEp_identity* identity);

/** Lowest trust any user gives to the key; no rows: unknown, PEP_STATUS_OK. */
PEP_API PEP_STATUS least_trust(PEP_SESSION session, const char* fpr, PEP_comm_type* comm_type);

/** All trust in the key becomes `mistrusted`. */
PEP_API PEP_STATUS mark_as_compromised(PEP_SESSION session, const char* fpr);
PEP_API PEP_STATUS mark_as_compromized(PEP_SESSION session, const char* fpr); /**< the same, misspelt */

/* ---- keys ---- */

/** Make a key pair for an identity without fpr; sets identity->fpr. */
PEP_API PEP_STATUS generate_keypair(PEP_SESSION session, pEp_identity* identity);

/** Remove public and secret part; PEP_KEY_NOT_FOUND when absent. */
PEP_API PEP_STATUS delete_keypair(PEP_SESSION session, const char* fpr);

/** Import armored or binary keys. `private_keys` (may be NULL) receives an identity per secret key met.
 *  PEP_KEY_IMPORTED, PEP_NO_KEY_IMPORTED, PEP_SOME_KEYS_IMPORTED, PEP_UNKNOWN_ERROR (no OpenPGP data). */
PEP_API PEP_STATUS import_key(
    PEP_SESSION session, const char* key_data, size_t size, struct _identity_list** private_keys
);

/** As import_key; `imported_keys` is appended to, bit n of `changed_public_keys` tells whether the n-th
 *  key of this call was new or changed (needs imported_keys). */
PEP_API PEP_STATUS import_key_with_fpr_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    struct _identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
);

/** As import_key_with_fpr_return; `identities` (may be NULL) receives an identity per key met, public ones
 *  included. Lists of identities are newest first. */
PEP_API PEP_STATUS import_key_with_identities_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    struct _identity_list** identities,
    struct _identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
);

/** As import_key_with_fpr_return, for extra keys: each key is also stored as an identity whose address,
 *  user id and name are `extrakey_<fpr>`, so that it can be encrypted to by name. */
PEP_API PEP_STATUS import_extrakey_with_fpr_return(
    PEP_SESSION session,
    const char* key_data,
    size_t size,
    struct _identity_list** private_keys,
    stringlist_t** imported_keys,
    uint64_t* changed_public_keys
);

/** Key servers are not asked: always PEP_UNKNOWN_ERROR, as in the original. */
PEP_API PEP_STATUS send_key(PEP_SESSION session, const char* pattern);
PEP_API PEP_STATUS recv_key(PEP_SESSION session, const char* pattern);

/** Armored public key. */
PEP_API PEP_STATUS export_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size);

/** Armored secret key; PEP_KEY_NOT_FOUND without a secret part. */
PEP_API PEP_STATUS export_secret_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size);
PEP_API PEP_STATUS export_secrect_key(PEP_SESSION session, const char* fpr, char** key_data, size_t* size);

/** Search by address, fingerprint or key id; nothing found is PEP_STATUS_OK with a NULL list. */
PEP_API PEP_STATUS find_keys(PEP_SESSION session, const char* pattern, stringlist_t** keylist);

/** Technical strength of a key, never confirmed. */
PEP_API PEP_STATUS get_key_rating(PEP_SESSION session, const char* fpr, PEP_comm_type* comm_type);
PEP_API PEP_STATUS renew_key(PEP_SESSION session, const char* fpr, const timestamp* ts);
PEP_API PEP_STATUS revoke_key(PEP_SESSION session, const char* fpr, const char* reason);
PEP_API PEP_STATUS key_expired(PEP_SESSION session, const char* fpr, const time_t when, bool* expired);
PEP_API PEP_STATUS key_revoked(PEP_SESSION session, const char* fpr, bool* revoked);

/** Encrypt and sign a few bytes with the key alone, to learn whether its secret part is usable now. */
PEP_API PEP_STATUS probe_encrypt(PEP_SESSION session, const char* fpr);

/** Note that the own key `replacement_fpr` took the place of `revoked_fpr`. */
PEP_API PEP_STATUS set_revoked(
    PEP_SESSION session, const char* revoked_fpr, const char* replacement_fpr, uint64_t revocation_date
);

/** What key `fpr` replaced, and when; PEP_CANNOT_FIND_IDENTITY when it replaced none. */
PEP_API PEP_STATUS
get_revoked(PEP_SESSION session, const char* fpr, char** revoked_fpr, uint64_t* revocation_date);

/** What key replaced the revoked `fpr`, and when; PEP_CANNOT_FIND_IDENTITY when none did. */
PEP_API PEP_STATUS
get_replacement_fpr(PEP_SESSION session, const char* fpr, char** replacement_fpr, uint64_t* revocation_date);

/* ---- OpenPGP as such: no identities, no trust ---- */

/** Encrypt to all keys of the list, signed by the first; armored. PEP_KEY_NOT_FOUND for a key that
 *  is not here, or a first one without secret part; PEP_KEY_UNSUITABLE for one that cannot be
 *  encrypted to, or sign any more: nobody is left out. */
PEP_API PEP_STATUS encrypt_and_sign(
    PEP_SESSION session,
    const stringlist_t* keylist,
    const char* ptext,
    size_t psize,
    char** ctext,
    size_t* csize
);

/** Decrypt armored or binary data. PEP_DECRYPTED_AND_VERIFIED, PEP_DECRYPTED, PEP_VERIFY_SIGNER_KEY_REVOKED,
 *  PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH come with plaintext and a list of keys: signers ("" if none is
 *  good), then recipients. `dsigtext` must be NULL; `filename_ptr` may be. */
PEP_API PEP_STATUS decrypt_and_verify(
    PEP_SESSION session,
    const char* ctext,
    size_t csize,
    const char* dsigtext,
    size_t dsigsize,
    char** ptext,
    size_t* psize,
    stringlist_t** keylist,
    char** filename_ptr
);

/** Verify a detached signature. PEP_VERIFIED with the signers, PEP_VERIFY_SIGNER_KEY_REVOKED, PEP_DECRYPTED
 *  (signer unfit), PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH, PEP_UNENCRYPTED (signer unknown),
 *  PEP_VERIFY_NO_KEY (no signature). */
PEP_API PEP_STATUS verify_text(
    PEP_SESSION session,
    const char* text,
    size_t size,
    const char* signature,
    size_t sig_size,
    stringlist_t** keylist
);

/* ---- trustwords ---- */

/** `"lang","name","phrase"` LF for each language. */
PEP_API PEP_STATUS get_languagelist(PEP_SESSION session, char** languages);

/** Word of one 16-bit value. */
PEP_API PEP_STATUS trustword(PEP_SESSION session, uint16_t value, const char* lang, char** word, size_t* wsize);

/** Words of a fingerprint; `max_words` 0 = all. */
PEP_API PEP_STATUS trustwords(
    PEP_SESSION session,
    const char* fingerprint,
    const char* lang,
    char** words,
    size_t* wsize,
    int max_words
);

/* ---- phrases, counters, log ---- */

/** A text shown to the user in a language; there is one: 1000, the sentence that offers trustwords.
 *  PEP_PHRASE_NOT_FOUND. */
PEP_API PEP_STATUS get_phrase(PEP_SESSION session, const char* lang, int phrase_id, char** phrase);

/** Next value of a counter, from 1; PEP_CANNOT_INCREASE_SEQUENCE at its end. */
PEP_API PEP_STATUS sequence_value(PEP_SESSION session, const char* name, int32_t* value);

/** Always PEP_RECORD_NOT_FOUND (but for wrong arguments): no log is kept in the database. */
PEP_API PEP_STATUS get_crashdump_log(PEP_SESSION session, int maxlines, char** logdata);

PEP_END_DECLS
