// The example of a function in the forms the documents show it in.
#pragma once

#include "rpc/function_map.hpp"

#include <optional>

namespace pep::rpc {

/// The example's texts, read.
struct ReadExample {
    json params; ///< inputs by name
    json result; ///< `{"return":…,"out":{…}}`
};

/// Nothing if the function has none, or its texts are not JSON.
[[nodiscard]] std::optional<ReadExample> read_example(const Function& f);

/// OpenRPC's "Example Pairing Object".
[[nodiscard]] json example_pairing(const Function& f, const ReadExample& sample);

/// `params` of the same call in the legacy dialect: inputs in order, a placeholder "OP" for each
/// output and length.
[[nodiscard]] json legacy_example_params(const Function& f, const ReadExample& sample);

} // namespace pep::rpc
