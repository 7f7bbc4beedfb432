// Example calls, in the home that tests/api/examples_test.cpp prepares.
// Keys given up.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example key_reset_identity{
    "Forget the key of Ben",
    R"({
  "ident": {"address": "ben@example.org", "user_id": "ben", "username": "Ben"},
  "fpr": "2DEA4445BF2F871F283B54EE75534265400826E0"
})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example key_reset_user{
    "Forget all keys of Ben",
    R"({"user_id": "ben", "fpr": null})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

inline constexpr rpc::Example key_reset_all_own_keys{
    "Ann begins anew",
    R"({})",
    R"({"return": {"status": 0, "hex": "0 \"PEP_STATUS_OK\""}, "out": {}})"};

} // namespace pep::api::examples
