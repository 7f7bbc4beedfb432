// Any bytes as a request body in both dialects, without functions to call: reader and envelope.
#include "rpc/dispatcher.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

class NoContext final : public pep::rpc::CallContext {};

const pep::rpc::Dispatcher& dispatcher() {
    static const pep::rpc::Dispatcher made{{}, {.token_is_right = [](std::string_view) { return true; }}};
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string body{reinterpret_cast<const char*>(data), size};
    NoContext context;
    const auto modern = dispatcher().handle_modern(body, true, context);
    const auto legacy = dispatcher().handle_legacy(body, context);
    // Whatever came in, what goes out is JSON, or nothing with 204.
    if (!modern.body.empty() && !nlohmann::json::accept(modern.body))
        std::abort();
    if (!nlohmann::json::accept(legacy.body))
        std::abort();
    return 0;
}
