// Any bytes as a mail: decode, and encode again what came out.
#include "engine/mime_codec.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    auto decoded = pep::engine::decode_mime(text);
    if (decoded && decoded->msg)
        (void)pep::engine::encode_mime(*decoded->msg, false, false);
    (void)pep::engine::signed_part(text);
    return 0;
}
