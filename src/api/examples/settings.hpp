// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Trustwords and settings of a client.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

// The short form: five words.
inline constexpr rpc::Example get_trustwords{
    "Words for Ann and Ben to read to each other",
    R"({
  "id1": {"address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA"},
  "id2": {"address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"},
  "lang": "en", "full": false
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"words": "LUSOV NIHOD BOVAT LINOS NIFIM"}
})"};

inline constexpr rpc::Example get_languagelist{
    "Languages to offer in a menu",
    R"({})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "languages": "\"en\",\"English\",\"I want to display the trustwords in English language\"\n"
  }
})"};

inline constexpr rpc::Example is_pEp_user{
    "Ben uses another OpenPGP program",
    R"({"identity": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"}})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"is_pEp": false}})"};

inline constexpr rpc::Example config_passive_mode{
    "Announce the own key to p≡p users only",
    R"({"enable": true})",
    R"({"return": null, "out": {}})"};

inline constexpr rpc::Example config_unencrypted_subject{
    "Leave subjects readable", R"({"enable": true})", R"({"return": null, "out": {}})"};

inline constexpr rpc::Example config_autocrypt_header{
    "Announce the own key to Autocrypt programs",
    R"({"enable": true})",
    R"({"return": null, "out": {}})"};

inline constexpr rpc::Example config_service_log{
    "No effect", R"({"enable": false})", R"({"return": null, "out": {}})"};

// 7 is PEP_CIPHER_SUITE_RSA4K.
inline constexpr rpc::Example config_cipher_suite{
    "Make new keys of RSA 4096 bit",
    R"({"suite": 7})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example config_passphrase{
    "Hand over what the user typed",
    R"({"passphrase": "correct horse battery staple"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example config_passphrase_for_new_keys{
    "Protect new keys",
    R"({"enable": true, "passphrase": "correct horse battery staple"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

} // namespace pep::api::examples
