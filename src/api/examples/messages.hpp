// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Messages: encrypted, read, rated, as text.
// A string of a result that ends in "…" stands for all that begin so.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

// p≡p is asked for (4); what goes out is PGP/MIME (3) with either.
inline constexpr rpc::Example encrypt_message{
    "Encrypt a letter to Ben, whose key is known",
    R"({
  "src": {
    "dir": 1, "id": "lunch@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}],
    "shortmsg": "Lunch", "longmsg": "At noon?"
  },
  "enc_format": 4
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "src": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "Lunch", "longmsg": "At noon?",
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
      ]
    },
    "dst": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "p≡p",
      "longmsg": "this message was encrypted with p≡p https://pEp-project.org",
      "attachments": [
        {"value": "VmVyc2lvbjogMQ==", "size": 10, "mime_type": "application/pgp-encrypted"},
        {
          "value": "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQoN…", "size": 2003,
          "mime_type": "application/octet-stream", "filename": "file://msg.asc"
        }
      ],
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
        {"key": "X-pEp-Version", "value": "3.3"}, {"key": "X-EncStatus", "value": "reliable"}
      ],
      "enc_format": 3, "rating": {"rating": 6}
    }
  }
})"};

// Nothing is looked up for Ben: only Ann can read it.
inline constexpr rpc::Example encrypt_message_for_self{
    "Encrypt a draft, for the drafts folder",
    R"({
  "target_id": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
  "src": {
    "dir": 1, "id": "lunch@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}],
    "shortmsg": "Lunch", "longmsg": "At noon?"
  },
  "enc_format": 3
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "dst": {
      "dir": 1, "id": "lunch@example.org", "shortmsg": "p≡p",
      "longmsg": "this message was encrypted with p≡p https://pEp-project.org",
      "attachments": [
        {"value": "VmVyc2lvbjogMQ==", "size": 10, "mime_type": "application/pgp-encrypted"},
        {
          "value": "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQoN…", "size": 2143,
          "mime_type": "application/octet-stream", "filename": "file://msg.asc"
        }
      ],
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
      "opt_fields": [{"key": "X-pEp-Version", "value": "3.3"}], "enc_format": 3
    }
  }
})"};

inline constexpr rpc::Example encrypt_message_and_add_priv_key{
    "Send the own key to another device of Ann's",
    R"({
  "src": {
    "dir": 1, "id": "key@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "My key", "longmsg": "for the telephone"
  },
  "to_fpr": "F6563C7EAE2BBCBC5D23238A10F7AFAA679536B4", "enc_format": 3
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "dst": {
      "dir": 1, "id": "pEp.…", "shortmsg": "p≡p",
      "longmsg": "this message was encrypted with p≡p https://pEp-project.org",
      "attachments": [
        {"value": "VmVyc2lvbjogMQ==", "size": 10, "mime_type": "application/pgp-encrypted"},
        {
          "value": "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQoN…", "size": 6155,
          "mime_type": "application/octet-stream", "filename": "file://msg.asc"
        }
      ],
      "from": {
        "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
        "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
        "major_ver": 3, "minor_ver": 3, "flags": 0
      },
      "to": [
        {
          "address": "ann@example.org", "fpr": "2E587ADAA693687D99A9337B9959BE6670E186DA",
          "user_id": "pEp_own_userId", "username": "Ann", "comm_type": 255, "me": true,
          "major_ver": 3, "minor_ver": 3, "flags": 0
        }
      ],
      "opt_fields": [
        {"key": "X-pEp-Version", "value": "3.3"},
        {"key": "X-EncStatus", "value": "trusted_and_anonymized"}
      ],
      "enc_format": 3, "rating": {"rating": 8}
    }
  }
})"};

// The body itself is the OpenPGP message: enc_format 1, inline.
inline constexpr rpc::Example decrypt_message{
    "Read an encrypted and signed letter from Ben",
    R"({
  "src": {
    "id": "reply@example.org",
    "from": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "Lunch",
    "longmsg": "-----BEGIN PGP MESSAGE-----\n\n)"
    R"(hF4DNzdE7VakrK8SAQdApDO+EljevyqVmMA70JfH048mtT0vnp7vF/dttXFq4i4w\n)"
    R"(McmA3FVHgLJAMlQ3CEVXBSgeZuLJbg1m6vvvXIdNY+mjTMLxPuNuaNtciRcNN7XE\n)"
    R"(0sApAeKSN8ENXL9fdahuDvCx+eeUQHsJ3Dy4z8Nfrd3PeN2nivPY0Kk0x2Yy/FeK\n)"
    R"(K313Md4H9HEVB3X5srw1cCioX1adszQ9sjNC8aNtCfjyHPNNsdTP73Bgu1qOh/Dq\n)"
    R"(QavVIsmILHyE3GsLYJsGXZMrGjnYsm6+e8x8TshOUnltYn8YXSpKBqfXMv6a4r4g\n)"
    R"(dlRT0j5GhWg6ML1eLQ1ZCycWs4KewuE7ixgGSmaV6ZGjUj1Gnnapn5PJ5oLVr9EP\n)"
    R"(eBZduwdYe7iTDVUJMpKhe4f7GHmtcMhOx3NUrSIPIpjNgQC08dsj6uQUO1I=\n=0d5c\n-----END PGP MESSAGE-----\n"
  }
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "src": {
      "id": "reply@example.org", "shortmsg": "Lunch", "longmsg": "-----BEGIN PGP MESSAGE-----…",
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

inline constexpr rpc::Example outgoing_message_rating{
    "Colour of the send button: Ben's key is not confirmed yet",
    R"({
  "msg": {
    "dir": 1,
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}]
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {"rating": {"rating": 6}}})"};

// 1704186000 is the date in the text; without sent there is no Date.
inline constexpr rpc::Example mime_encode_message{
    "Text of a message for SMTP",
    R"({
  "msg": {
    "dir": 1, "id": "lunch@example.org", "sent": 1704186000,
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ben@example.org", "user_id": "ben", "username": "Ben"}],
    "shortmsg": "Lunch", "longmsg": "At noon?"
  },
  "omit_fields": false
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "mimetext": "Message-ID: <lunch@example.org>\r\n)"
    R"(Date: Tue, 02 Jan 2024 09:00:00 +0000\r\nFrom: Ann <ann@example.org>\r\n)"
    R"(To: Ben <ben@example.org>\r\nSubject: Lunch\r\nMIME-Version: 1.0\r\n)"
    R"(Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\nAt noon?"
  }
})"};

// A mail knows addresses and names only: update_identity tells whose they are.
inline constexpr rpc::Example mime_decode_message{
    "Parse a mail from IMAP",
    R"({
  "mimetext": "From: Ben <ben@example.org>\r\nTo: Ann <ann@example.org>\r\n)"
    R"(Subject: Lunch\r\nMessage-ID: <reply@example.org>\r\n\r\nAt noon.\r\n"
})",
    R"({
  "return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""},
  "out": {
    "msg": {
      "id": "reply@example.org", "shortmsg": "Lunch", "longmsg": "At noon.\n",
      "from": {
        "address": "ben@example.org", "username": "Ben", "comm_type": 0, "me": false,
        "major_ver": 0, "minor_ver": 0, "flags": 0
      },
      "to": [
        {
          "address": "ann@example.org", "username": "Ann", "comm_type": 0, "me": false,
          "major_ver": 0, "minor_ver": 0, "flags": 0
        }
      ]
    }
  }
})"};

} // namespace pep::api::examples
