// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Who communicates.
// Fingerprints: 2E58… is that of Ann, the user, 2DEA… that of Ben, her partner.
// comm_type 56 is PEP_ct_OpenPGP_unconfirmed, 255 PEP_ct_pEp.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example get_identity{
    "What is stored about Ben",
    R"({"address": "ben@example.org", "user_id": "ben"})",
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

inline constexpr rpc::Example set_identity{
    "Take Carol into the address book",
    R"({
  "identity": {
    "address": "carol@example.org", "user_id": "carol", "username": "Carol", "lang": "fr"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example identity_rating{
    "Colour of Ben in the address book",
    R"({"ident": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"}})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"rating": {"rating": 6}}})"};

// The identity comes back as it was given, but for the bits.
inline constexpr rpc::Example set_identity_flags{
    "Ben's address is a mailing list",
    R"({"identity": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"}, "flags": 2})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "identity": {
      "address": "ben@example.org", "user_id": "ben", "username": "Ben", "comm_type": 0,
      "me": false, "major_ver": 0, "minor_ver": 0, "flags": 2
    }
  }
})"};

inline constexpr rpc::Example unset_identity_flags{
    "Ben's address is no mailing list",
    R"({"identity": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"}, "flags": 2})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "identity": {
      "address": "ben@example.org", "user_id": "ben", "username": "Ben", "comm_type": 0,
      "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
    }
  }
})"};

inline constexpr rpc::Example myself{
    "Ann opens her account",
    R"({"identity": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "identity": {
      "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
      "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
      "major_ver": 3, "minor_ver": 3, "flags": 0
    }
  }
})"};

// An address is enough: the rest is what is stored.
inline constexpr rpc::Example update_identity{
    "Complete a recipient the user typed",
    R"({"identity": {"address": "ben@example.org"}})",
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

inline constexpr rpc::Example own_identities_retrieve{
    "The accounts of the user",
    R"({})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "own_identities": [
      {
        "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
        "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
        "major_ver": 3, "minor_ver": 3, "flags": 0
      }
    ]
  }
})"};

} // namespace pep::api::examples
