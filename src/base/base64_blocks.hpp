// Base64 of whole blocks with the processor's byte shuffles (SSSE3), some four times as fast as
// tables: attachments are base64 in JSON and in MIME alike. The methods are Wojciech Muła's. Where
// there is no such processor they do nothing, and base64.cpp does it all. Pure functions; any
// thread.
#pragma once

#include <cstddef>

namespace pep {

/// Encode blocks of 12 bytes from the start of `in`, 16 characters each. Returns how many bytes it
/// took: less than all, as 16 are read for a block.
[[nodiscard]] std::size_t
base64_encode_blocks(const unsigned char* in, std::size_t size, char* out) noexcept;

/// Decode blocks of 16 letters of the standard alphabet from the start of `in`, 12 bytes each, up
/// to a block with anything else in it. Returns how many characters it took. `out` must have room
/// for what all of `in` can stand for, see base64_decoded_room(): 16 bytes are written for a block.
[[nodiscard]] std::size_t
base64_decode_blocks(const unsigned char* in, std::size_t size, char* out) noexcept;

} // namespace pep
