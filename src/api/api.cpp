// The order is that of the reference and the test page; what old clients see is in
// legacy_order.cpp.
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
