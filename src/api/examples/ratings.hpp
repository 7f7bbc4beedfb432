// Example calls, in the home that tests/api/examples_test.cpp prepares.
// How well keys and messages are protected.
// Fingerprints: 2E58… is that of Ann, the user, 2DEA… that of Ben, her partner. comm_type 56 is
// PEP_ct_OpenPGP_unconfirmed, rating 6 PEP_rating_reliable.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example get_key_rating_for_user{
    "Ben's use of his key",
    R"({"user_id": "ben", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"rating": {"rating": 6}}})"};

inline constexpr rpc::Example outgoing_message_rating_preview{
    "Colour while the user types recipients",
    R"({
  "msg": {
    "dir": 1,
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}]
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"rating": {"rating": 6}}})"};

inline constexpr rpc::Example outgoing_message_rating_with_partner_info{
    "Ben is no p≡p user",
    R"({
  "msg": {
    "dir": 1,
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}]
  }
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {"rating": {"rating": 6}, "only_pEp_partners": false}
})"};

// With the two fields decrypt_message leaves in what it has read.
inline constexpr rpc::Example re_evaluate_message_rating{
    "Colour of a letter from the archive",
    R"({
  "msg": {
    "id": "reply@example.org",
    "from": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "Lunch", "longmsg": "At noon, at the usual place?\nBen\n",
    "opt_fields": [
      {"key": "X-EncStatus", "value": "reliable"},
      {
        "key": "X-KeyList",
        "value": "2DEA4445BF2F871F283B54EE75534265400826E0,2E587ADAA693687D99A9337B9959BE667)"
    R"(0E186DA"
      }
    ]
  }
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "msg": {
      "id": "reply@example.org", "shortmsg": "Lunch",
      "longmsg": "At noon, at the usual place?\nBen\n",
      "from": {
        "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
        "user_id": "ben", "username": "Ben", "comm_type": 56, "me": false, "major_ver": 0,
        "minor_ver": 0, "flags": 0
      },
      "to": [
        {
          "address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann",
          "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
        }
      ],
      "opt_fields": [
        {"key": "X-EncStatus", "value": "reliable"},
        {
          "key": "X-KeyList",
          "value": "2DEA4445BF2F871F283B54EE75534265400826E0,2E587ADAA693687D99A9337B9959BE6)"
    R"(670E186DA"
        }
      ],
      "rating": {"rating": 6}
    },
    "rating": {"rating": 6}
  }
})"};

} // namespace pep::api::examples
