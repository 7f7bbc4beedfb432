// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Messages whose bodies are in the cache; the ids stand for random ones.
// enc_format 1 is inline, 3 PGP/MIME, 4 p≡p; rating 6 is PEP_rating_reliable.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

// There is a subject, so no short body stands in for the real one.
inline constexpr rpc::Example cache_mime_decode_message{
    "Give a mail to the cache",
    R"({
  "mimetext": "From: Ben <ben@example.org>\r\nTo: Ann <ann@example.org>\r\n)"
    R"(Subject: Lunch\r\nMessage-ID: <reply@example.org>\r\n\r\nAt noon.\r\n"
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "msg": {
      "id": "reply@example.org", "shortmsg": "Lunch",
      "from": {
        "address": "ben@example.org", "username": "Ben", "comm_type": 0, "me": false,
        "major_ver": 0, "minor_ver": 0, "flags": 0
      },
      "to": [
        {
          "address": "ann@example.org", "username": "Ann", "comm_type": 0, "me": false,
          "major_ver": 0, "minor_ver": 0, "flags": 0
        }
      ],
      "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "…"}]
    }
  }
})"};

// The same id in both: source and result are one entry of the cache. What goes out is PGP/MIME,
// also if p≡p is asked for.
inline constexpr rpc::Example cache_encrypt_message{
    "Encrypt a cached letter",
    R"({
  "src": {
    "dir": 1, "id": "lunch@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}],
    "shortmsg": "Lunch",
    "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "outgoing-cached-letter"}]
  },
  "enc_format": 4
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "src": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "Lunch",
      "from": {
        "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
        "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
        "major_ver": 3, "minor_ver": 3, "flags": 0
      },
      "to": [
        {
          "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
          "user_id": "ben", "username": "Ben", "comm_type": 56, "me": false, "major_ver": 0,
          "minor_ver": 0, "flags": 0
        }
      ],
      "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "outgoing-cached-letter"}]
    },
    "dst": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "p≡p",
      "from": {
        "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
        "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
        "major_ver": 3, "minor_ver": 3, "flags": 0
      },
      "to": [
        {
          "address": "ben@example.org", "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0",
          "user_id": "ben", "username": "Ben", "comm_type": 56, "me": false, "major_ver": 0,
          "minor_ver": 0, "flags": 0
        }
      ],
      "opt_fields": [
        {"key": "X-pEp-Adapter-Cache-ID", "value": "outgoing-cached-letter"},
        {"key": "X-pEp-Version", "value": "3.3"}, {"key": "X-EncStatus", "value": "reliable"}
      ],
      "enc_format": 3, "rating": {"rating": 6}
    }
  }
})"};

inline constexpr rpc::Example cache_encrypt_message_for_self{
    "Encrypt a cached draft",
    R"({
  "target_id": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
  "src": {
    "dir": 1, "id": "lunch@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}],
    "shortmsg": "Lunch",
    "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "outgoing-cached-letter"}]
  },
  "enc_format": 3
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "dst": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "p≡p",
      "from": {
        "address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann",
        "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
      },
      "to": [
        {
          "address": "ben@example.org", "user_id": "ben", "username": "Ben", "comm_type": 0,
          "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
        }
      ],
      "opt_fields": [
        {"key": "X-pEp-Adapter-Cache-ID", "value": "outgoing-cached-letter"},
        {"key": "X-pEp-Version", "value": "3.3"}
      ],
      "enc_format": 3
    }
  }
})"};

// The text is there for a preview; attachments would stay in the cache.
inline constexpr rpc::Example cache_decrypt_message{
    "Read a cached letter from Ben",
    R"({
  "src": {
    "id": "reply@example.org",
    "from": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "Lunch",
    "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "received-cached-letter"}]
  }
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "src": {
      "id": "reply@example.org", "shortmsg": "Lunch",
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
      "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "received-cached-letter"}],
      "enc_format": 1, "rating": {"rating": 6}
    },
    "dst": {
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
        {"key": "X-pEp-Adapter-Cache-ID", "value": "received-cached-letter"},
        {"key": "X-EncStatus", "value": "reliable"},
        {
          "key": "X-KeyList",
          "value": "2DEA4445BF2F871F283B54EE75534265400826E0,2E587ADAA693687D99A9337B9959BE6)"
    R"(670E186DA"
        }
      ],
      "rating": {"rating": 6}
    },
    "keylist": [
      "2DEA4445BF2F871F283B54EE75534265400826E0", "2E587ADAA693687D99A9337B9959BE6670E186DA"
    ],
    "rating": {"rating": 6}, "flags": 0
  }
})"};

// The body is the cached one, the header the one given. Then the id is unknown.
inline constexpr rpc::Example cache_mime_encode_message{
    "Fetch the decrypted letter as text",
    R"({
  "which": 1,
  "msg": {
    "id": "reply@example.org", "sent": 1704186000,
    "from": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "Lunch",
    "opt_fields": [{"key": "X-pEp-Adapter-Cache-ID", "value": "received-cached-letter"}]
  },
  "omit_fields": false
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "mimetext": "Message-ID: <reply@example.org>\r\n)"
    R"(Date: Tue, 02 Jan 2024 09:00:00 +0000\r\nFrom: Ben <ben@example.org>\r\n)"
    R"(To: Ann <ann@example.org>\r\nSubject: Lunch\r\nMIME-Version: 1.0\r\n)"
    R"(Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\n)"
    R"(At noon, at the usual place?\r\nBen\r\n"
  }
})"};

inline constexpr rpc::Example cache_release{
    "The letter is not needed any more",
    R"({"cache_id": "outgoing-cached-letter"})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

} // namespace pep::api::examples
