// Example calls, in the home that tests/api/examples_test.cpp prepares.
// A client waits for events; the name of the queue stands for a random one.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example create_session{
    "Make a queue when the client starts", R"({})", R"({"return": "kx7bq2mzt4wfd", "out": {}})"};

// The one event is that of testMessageToSend below.
inline constexpr rpc::Example pollForEvents{
    "Fetch what the queue has",
    R"({"session_id": "kx7bq2mzt4wfd", "timeout_s": 0})",
    R"({
  "return": [
    {
      "method": "messageToSend", "request_nr": 1, "thread_id": " ¶EVT ",
      "params": [
        {
          "dir": 1, "id": "test@example.org", "shortmsg": "Test",
          "from": {
            "address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann",
            "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
          },
          "to": [
            {
              "address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann",
              "comm_type": 0, "me": false, "major_ver": 0, "minor_ver": 0, "flags": 0
            }
          ]
        }
      ]
    }
  ],
  "out": {}
})"};

inline constexpr rpc::Example close_session{
    "Drop the queue when the client ends",
    R"({"session_id": "kx7bq2mzt4wfd"})",
    R"({"return": null, "out": {}})"};

inline constexpr rpc::Example testMessageToSend{
    "Try what the client does with the event",
    R"({
  "msg": {
    "dir": 1, "id": "test@example.org",
    "from": {"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"},
    "to": [{"address": "ann@example.org", "user_id": "pEp_own_userId", "username": "Ann"}],
    "shortmsg": "Test"
  }
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

} // namespace pep::api::examples
