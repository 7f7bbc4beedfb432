// The order of the function table is part of what old clients see, the grouping of our own table is
// not: new functions need no entry here, they follow behind.
#include "api/legacy_order.hpp"

#include <array>
#include <string_view>

namespace pep::api {

namespace {

using std::string_view;

// Names are spelt as the original spells them, mistakes included.
constexpr std::array<string_view, 8> messages{
    "encrypt_message",
    "cache_encrypt_message",
    "encrypt_message_and_add_priv_key",
    "encrypt_message_for_self",
    "cache_encrypt_message_for_self",
    "decrypt_message",
    "cache_decrypt_message",
    "get_key_rating_for_user"};

constexpr std::array<string_view, 5> mime{
    "mime_encode_message",
    "cache_mime_encode_message",
    "cache_release",
    "mime_decode_message",
    "cache_mime_decode_message"};

constexpr std::array<string_view, 11> core{
    "get_trustwords",
    "re_evaluate_message_rating",
    "get_languagelist",
    "is_pEp_user",
    "config_passive_mode",
    "config_unencrypted_subject",
    "config_service_log",
    "config_cipher_suite",
    "config_passphrase",
    "config_passphrase_for_new_keys",
    "set_comm_partner_key"};

constexpr std::array<string_view, 9> identities{
    "get_identity",
    "set_identity",
    "mark_as_comprimized",
    "identity_rating",
    "outgoing_message_rating",
    "outgoing_message_rating_with_partner_info",
    "outgoing_message_rating_preview",
    "set_identity_flags",
    "unset_identity_flags"};

// Trust, key reset and own identities are here as well: the original has no headings for them.
constexpr std::array<string_view, 26> keys{
    "generate_keypair",
    "delete_keypair",
    "import_key",
    "import_key_with_fpr_return",
    "import_extrakey_with_fpr_return",
    "export_key",
    "export_secret_key",
    "find_keys",
    "get_trust",
    "own_key_is_listed",
    "own_identities_retrieve",
    "set_own_key",
    "key_reset_identity",
    "key_reset_user",
    "key_reset_all_own_keys",
    "myself",
    "update_identity",
    "trust_personal_key",
    "trust_own_key",
    "key_mistrusted",
    "key_reset_trust",
    "least_trust",
    "get_key_rating",
    "renew_key",
    "revoke",
    "key_expired"};

constexpr std::array<string_view, 1> openpgp{"OpenPGP_list_keyinfo"};

// deliverHandshakeResult would be the first: it answers events of the synchronisation of devices,
// which never come.
constexpr std::array<string_view, 3> events{"pollForEvents", "create_session", "close_session"};

constexpr std::array<string_view, 2> signing{"signature_for_text", "verify_signature"};

constexpr std::array<string_view, 5> other{
    "serverVersion", "version", "getBinaryPath", "testMessageToSend", "shutdown"};

// Titles, too, are what pages of old clients show.
constexpr std::array<rpc::LegacyGroup, 9> groups{{
    {"Message API", messages},
    {"MIME handling API", mime},
    {"pEp Engine Core API", core},
    {"Identity Management API", identities},
    {"Low level Key Management API", keys},
    {"from openpgp_compat.h", openpgp},
    {"Event Listener & Results", events},
    {"Signing", signing},
    {"Other", other},
}};

} // namespace

std::span<const rpc::LegacyGroup> legacy_order() { return groups; }

} // namespace pep::api
