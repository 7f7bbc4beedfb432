// Any bytes as a header block: scanning in two pieces must say the same as at once.
#include "http/gate.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pep::http;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const Limits limits;
    const auto whole = scan_head(input, 0, limits);
    const auto first = scan_head(input.substr(0, size / 2), 0, limits);
    if (!first.refusal && first.size == 0) {
        const auto second = scan_head(input, first.scanned, limits);
        if (second.size != whole.size || second.refusal.has_value() != whole.refusal.has_value())
            std::abort();
    }
    if (whole.size == 0)
        return 0;
    const std::string block{input.substr(0, whole.size)};
    Head head;
    if (!read_head(block, limits, head)) {
        const auto origins = Origins::of("127.0.0.1", 4223, {});
        Route route;
        route.found = true;
        route.methods = {"POST"};
        (void)check_origin(head, origins, route);
        (void)check_content_type(head);
        (void)check_token(head, [](std::string_view token) { return token == "t"; });
    }
    return 0;
}
