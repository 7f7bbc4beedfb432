// Any bytes: encoding and decoding are inverse, and decoding anything else ends well.
#include "base/base64.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    (void)pep::base64_decode(bytes);
    const auto back = pep::base64_decode(pep::base64_encode(bytes));
    if (!back || *back != bytes)
        std::abort();
    return 0;
}
