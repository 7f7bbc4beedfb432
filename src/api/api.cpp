// The order is the one clients know from the original's function table.
#include "api/api.hpp"

namespace pep::api {

std::vector<rpc::MapView> all_functions() {
    return {
        message_functions(),
        cache_functions(),
        core_functions(),
        identity_functions(),
        key_functions(),
        trust_functions(),
        reset_functions(),
        rating_functions(),
        openpgp_functions(),
        event_functions(),
        mime_functions(),
        former_functions(),
        service_functions()};
}

} // namespace pep::api
