// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Keys of Ann, Ben and Carol.
// Fingerprints: 2E58… is that of Ann, the user, 2DEA… that of Ben, her partner.
// F656… is that of Carol. comm_type 56 is PEP_ct_OpenPGP_unconfirmed, 255 PEP_ct_pEp.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

// Only fpr is new in the identity: nothing is stored about it.
inline constexpr rpc::Example generate_keypair{
    "A key for a new address",
    R"({"identity": {"address": "ann@work.example", "user_id": "pEp_own_userId", "username": "Ann"}})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "identity": {
      "address": "ann@work.example", "fpr": "…", "user_id": "pEp_own_userId", "username": "Ann",
      "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
    }
  }
})"};

inline constexpr rpc::Example delete_keypair{
    "Remove Ben's key",
    R"({"fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

// A public key: no identity comes back. Its text is cut where the line ends.
inline constexpr rpc::Example import_key{
    "Import the key Carol sent",
    R"({
  "key_data": "mDMEZZKpQBYJKwYBBAHaRw8BAQdAJbTN1Eu8C710drOoTwYeFWKAPcXoj1YbcSPax0ZPLPy0GUNhc)"
    R"(m9sIDxjYXJvbEBleGFtcGxlLm9yZz6IkAQTFggAOBYhBPZWPH6uK7y8XSMjihD3r6pnlTa0BQJlkqlAAhsDBQsJCAcCB)"
    R"(hUKCQgLAgQWAgMBAh4BAheAAAoJEBD3r6pnlTa0pmcBAJjf38d3PuWdLZsJfQr08ldEdC0UblchXi8RG47RvRzJAQD/M)"
    R"(4kg+m2F2gGDEJrREn9ZOxhqEWgwKNIeZOjmQH5PArg4BGWSqUASCisGAQQBl1UBBQEBB0D2A8DlYrA4ti1FzF+lImoay)"
    R"(yR33dH6B5TOkxUduyqBMwMBCAeIeAQYFggAIBYhBPZWPH6uK7y8XSMjihD3r6pnlTa0BQJlkqlAAhsMAAoJEBD3r6pnl)"
    R"(Ta0Z50BAJ30ahlC2f2bp/KSxi2qrSQ3lvaswqnXkTLiEm06Ln+gAQDVLMwIkHGQBeCqMp4R2yk0+BVvIIf5ev6Ufa6h0)"
    R"(34yAQ=="
})",
    R"({"return": {"status": 544, "hex": "0x220 \"PEP_KEY_IMPORTED\""}, "out": {"private_keys": []}})"};

inline constexpr rpc::Example export_key{
    "Ann's key, for a friend",
    R"({"fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA"})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"key_data": "-----BEGIN PGP PUBLIC KEY BLOCK-----…"}
})"};

inline constexpr rpc::Example export_secret_key{
    "A backup of Ann's key",
    R"({"fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA"})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"key_data": "-----BEGIN PGP PRIVATE KEY BLOCK-----…"}
})"};

inline constexpr rpc::Example find_keys{
    "Keys of an address",
    R"({"pattern": "ben@example.org"})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"keylist": ["2DEA4445BF2F871F283B54EE75534265400826E0"]}
})"};

inline constexpr rpc::Example get_key_rating{
    "Ben's key is a good one",
    R"({"fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"comm_type": 56}})"};

inline constexpr rpc::Example own_key_is_listed{
    "Ann's key is an own one",
    R"({"fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"listed": true}})"};

inline constexpr rpc::Example set_own_key{
    "Use an imported key as the own one",
    R"({
  "me": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
  "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA"
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "me": {
      "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
      "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
      "major_ver": 3, "minor_ver": 3, "flags": 0
    }
  }
})"};

inline constexpr rpc::Example set_comm_partner_key{
    "Use this key for Ben",
    R"({
  "identity": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
  "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"
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

// 2208988800 is the first second of 2040, UTC.
inline constexpr rpc::Example renew_key{
    "Let the key expire in the year 2040",
    R"({"fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA", "ts": 2208988800})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example revoke{
    "Give up the key for good",
    R"({"fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA", "reason": "lost telephone"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example key_expired{
    "Ben's key has no expiry",
    R"({"fpr": "2DEA4445BF2F871F283B54EE75534265400826E0", "when": 2208988800})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"expired": false}})"};

} // namespace pep::api::examples
