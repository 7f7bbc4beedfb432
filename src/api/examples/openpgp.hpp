// Example calls, in the home that tests/api/examples_test.cpp prepares.
// OpenPGP keys and signatures.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

// changed_public_keys 1: the first key, and here the only one, was new.
inline constexpr rpc::Example import_key_with_fpr_return{
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
    R"({
  "return": {"status": 544, "hex": "0x220 \"PEP_KEY_IMPORTED\""},
  "out": {
    "identities": [
      {
        "address": "carol@example.org", "fpr": "F6563C7EAE2BBCBC5D23238A10F7AFAA679536B4",
        "username": "Carol", "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0,
        "flags": 0
      }
    ],
    "private_keys": [], "imported_keys": ["F6563C7EAE2BBCBC5D23238A10F7AFAA679536B4"],
    "changed_public_keys": 1
  }
})"};

inline constexpr rpc::Example import_extrakey_with_fpr_return{
    "Import the key of the archive",
    R"({
  "key_data": "mDMEZZKpQBYJKwYBBAHaRw8BAQdAJbTN1Eu8C710drOoTwYeFWKAPcXoj1YbcSPax0ZPLPy0GUNhc)"
    R"(m9sIDxjYXJvbEBleGFtcGxlLm9yZz6IkAQTFggAOBYhBPZWPH6uK7y8XSMjihD3r6pnlTa0BQJlkqlAAhsDBQsJCAcCB)"
    R"(hUKCQgLAgQWAgMBAh4BAheAAAoJEBD3r6pnlTa0pmcBAJjf38d3PuWdLZsJfQr08ldEdC0UblchXi8RG47RvRzJAQD/M)"
    R"(4kg+m2F2gGDEJrREn9ZOxhqEWgwKNIeZOjmQH5PArg4BGWSqUASCisGAQQBl1UBBQEBB0D2A8DlYrA4ti1FzF+lImoay)"
    R"(yR33dH6B5TOkxUduyqBMwMBCAeIeAQYFggAIBYhBPZWPH6uK7y8XSMjihD3r6pnlTa0BQJlkqlAAhsMAAoJEBD3r6pnl)"
    R"(Ta0Z50BAJ30ahlC2f2bp/KSxi2qrSQ3lvaswqnXkTLiEm06Ln+gAQDVLMwIkHGQBeCqMp4R2yk0+BVvIIf5ev6Ufa6h0)"
    R"(34yAQ=="
})",
    R"({
  "return": {"status": 544, "hex": "0x220 \"PEP_KEY_IMPORTED\""},
  "out": {
    "private_keys": [], "imported_keys": ["F6563C7EAE2BBCBC5D23238A10F7AFAA679536B4"],
    "changed_public_keys": 1
  }
})"};

inline constexpr rpc::Example OpenPGP_list_keyinfo{
    "Keys of an address, with their user ids",
    R"({"search_pattern": "ben@example.org"})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "keyinfo_list": [
      {"key": "2DEA4445BF2F871F283B54EE75534265400826E0", "value": "Ben <ben@example.org>"}
    ]
  }
})"};

// The text is "colour=blue" and a line feed.
inline constexpr rpc::Example signature_for_text{
    "Protect a setting against change by others",
    R"({"ptext": "Y29sb3VyPWJsdWUK"})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"stext": "-----BEGIN PGP SIGNATURE-----\r\n\r\nwn…"}
})"};

inline constexpr rpc::Example verify_signature{
    "A signature of somebody else",
    R"({
  "ptext": "Y29sb3VyPWJsdWUK",
  "stext": "iIYEABYIAC4WIQQt6kRFvy+HHyg7VO51U0JlQAgm4AUCZZPQkBAcYmVuQGV4YW1wbGUub3JnAAoJEHVT)"
    R"(QmVACCbg0cYBAN7BuYuhUs3ZyNoChFhvK/XEbvO243qbOdeiCongZngmAQDmooT0Au4ROVn2t46/fRd2Bo9w1UfWUnkc)"
    R"(qXplafl2Ag=="
})",
    R"({"return": {"status": 1031, "hex": "0x407 \"PEP_VERIFY_NO_KEY\""}, "out": {}})"};

} // namespace pep::api::examples
