// The whole API: every function a client can call, in the order of the reference.
#pragma once

#include "rpc/function_map.hpp"

#include <vector>

namespace pep::api {

/// Views of the maps below, in order; they live as long as the program.
[[nodiscard]] std::vector<rpc::MapView> all_functions();

// One map a topic, each in its own file.
[[nodiscard]] rpc::MapView message_functions();
[[nodiscard]] rpc::MapView cache_functions();
[[nodiscard]] rpc::MapView core_functions();
[[nodiscard]] rpc::MapView identity_functions();
[[nodiscard]] rpc::MapView key_functions();
[[nodiscard]] rpc::MapView trust_functions();
[[nodiscard]] rpc::MapView reset_functions();
[[nodiscard]] rpc::MapView rating_functions();
[[nodiscard]] rpc::MapView openpgp_functions();
[[nodiscard]] rpc::MapView event_functions();
[[nodiscard]] rpc::MapView mime_functions();
[[nodiscard]] rpc::MapView former_functions();
[[nodiscard]] rpc::MapView service_functions();

} // namespace pep::api
