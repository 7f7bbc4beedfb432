// Invariants over the whole table of functions, whoever wrote an entry.
#include "api/api.hpp"
#include "api/passphrases.hpp"
#include "rpc/dispatcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace pep::api {
namespace {

rpc::Dispatcher::Options options() {
    rpc::Dispatcher::Options made;
    made.token_is_right = [](std::string_view token) { return token == "right"; };
    made.info = {{"title", "pep-json-server"}, {"version", "0"}};
    return made;
}

TEST(Table, HasNoNameTwice) { EXPECT_EQ(rpc::find_conflict(all_functions()), ""); }

TEST(Table, DescribesEverythingInASentence) {
    for (const auto& map : all_functions())
        for (const auto& f : map.functions) {
            EXPECT_GT(f.doc.size(), 10U) << f.name;
            for (const auto& p : f.parameters())
                if (p.is_input() || p.is_output()) {
                    EXPECT_GT(p.doc.size(), 5U) << f.name << " " << p.name;
                }
        }
}

TEST(Table, HasTheFunctionsOldClientsStartWith) {
    const rpc::Dispatcher dispatcher{all_functions(), options()};
    for (const char* name :
         {"serverVersion",
          "version",
          "myself",
          "update_identity",
          "own_identities_retrieve",
          "encrypt_message",
          "decrypt_message",
          "identity_rating",
          "outgoing_message_rating",
          "get_trustwords",
          "get_languagelist",
          "trust_personal_key",
          "key_reset_trust",
          "key_mistrusted",
          "config_passive_mode",
          "shutdown"})
        EXPECT_NE(dispatcher.find(name, rpc::Dialect::legacy, 0), nullptr) << name;
}

/// Column "PC" of the original's table: its clients count on these asking for a passphrase only
/// when no stored one fits.
TEST(Table, TriesPassphrasesWhereOldClientsExpectIt) {
    const std::set<std::string_view> wanted{
        "encrypt_message",
        "encrypt_message_and_add_priv_key",
        "encrypt_message_for_self",
        "decrypt_message",
        "cache_encrypt_message",
        "cache_encrypt_message_for_self",
        "cache_decrypt_message",
        "get_key_rating_for_user",
        "get_trustwords",
        "re_evaluate_message_rating",
        "get_languagelist",
        "is_pEp_user",
        "set_comm_partner_key",
        "get_identity",
        "set_identity",
        "mark_as_comprimized",
        "identity_rating",
        "outgoing_message_rating",
        "outgoing_message_rating_with_partner_info",
        "outgoing_message_rating_preview",
        "set_identity_flags",
        "unset_identity_flags",
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
        "key_expired",
        "OpenPGP_list_keyinfo",
        "leave_device_group",
        "enable_identity_for_sync",
        "disable_identity_for_sync",
        "signature_for_text",
        "verify_signature"};
    const std::set<std::string_view> unwanted{
        "mime_encode_message",
        "mime_decode_message",
        "cache_mime_encode_message",
        "cache_mime_decode_message",
        "cache_release",
        "config_passive_mode",
        "config_passphrase",
        "deliverHandshakeResult",
        "pollForEvents",
        "disable_all_sync_channels"};
    for (const auto& map : all_functions())
        for (const auto& f : map.functions) {
            const bool tries = std::ranges::count(f.policies, &retry_passphrases) > 0;
            EXPECT_FALSE(wanted.contains(f.name) && !tries) << f.name;
            EXPECT_FALSE(unwanted.contains(f.name) && tries) << f.name;
        }
}

/// The interface is frozen in a file: a change of it is a visible diff. PEP_UPDATE_GOLDEN=1
/// rewrites it.
TEST(Table, GivesTheOpenRpcDocumentOfTheGoldenFile) {
    const rpc::Dispatcher dispatcher{all_functions(), options()};
    const auto document = json::parse(dispatcher.openrpc()).dump(1) + "\n";
    const std::string file = PEP_GOLDEN_DIR "/openrpc.json";
    if (std::getenv("PEP_UPDATE_GOLDEN") != nullptr)
        std::ofstream{file} << document;
    std::stringstream golden;
    golden << std::ifstream{file}.rdbuf();
    EXPECT_TRUE(golden.str() == document)
        << "the interface changed: review, then run this test with PEP_UPDATE_GOLDEN=1";
}

} // namespace
} // namespace pep::api
