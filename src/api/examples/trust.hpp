// Example calls, in the home that tests/api/examples_test.cpp prepares.
// What Ann decides about keys.
// comm_type 56 is PEP_ct_OpenPGP_unconfirmed.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example get_trust{
    "Ben's key is not confirmed",
    R"({
  "identity": {
    "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
    "user_id": "ben", "username": "Ben"
  }
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "identity": {
      "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
      "user_id": "ben", "username": "Ben", "comm_type": 56, "me": false, "major_ver": 0,
      "minor_ver": 0, "flags": 0
    }
  }
})"};

inline constexpr rpc::Example least_trust{
    "Nobody has confirmed this key",
    R"({"fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"comm_type": 56}})"};

// Nothing comes back: get_trust and update_identity tell what the key is worth now.
inline constexpr rpc::Example trust_personal_key{
    "The trustwords agree",
    R"({
  "ident": {
    "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
    "user_id": "ben", "username": "Ben"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example trust_own_key{
    "Ann confirms her own key",
    R"({
  "ident": {
    "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
    "user_id": "pEp_own_userId", "username": "Ann"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example key_mistrusted{
    "The trustwords differ",
    R"({
  "ident": {
    "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
    "user_id": "ben", "username": "Ben"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example key_reset_trust{
    "Undo a decision about the key",
    R"({
  "ident": {
    "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
    "user_id": "ben", "username": "Ben"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example mark_as_comprimized{
    "Ben's laptop was stolen",
    R"({"fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

} // namespace pep::api::examples
