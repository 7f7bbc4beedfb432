// See the header. `_mm_set…` names bytes from the last to the first, `_mm_setr…` in their order.
#include "base/base64_blocks.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <tmmintrin.h>
#endif

namespace pep {

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

/// Asked of the processor at hand: x86-64 alone does not promise SSSE3.
bool has_ssse3() noexcept {
    static const bool there = __builtin_cpu_supports("ssse3") != 0;
    return there;
}

/// Unaligned, as texts begin anywhere.
__m128i load(const unsigned char* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

void store(char* to, __m128i block) noexcept {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
}

/// The sixteen 6-bit numbers of twelve bytes.
[[gnu::target("ssse3")]] __m128i split(__m128i block) noexcept {
    // each three bytes as two overlapping words, so that multiplying shifts each number on its own
    block =
        _mm_shuffle_epi8(block, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    // The high half of a product is a shift to the right, the low half one to the left.
    const __m128i odd = _mm_mulhi_epu16(
        _mm_and_si128(block, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040)
    );
    const __m128i even = _mm_mullo_epi16(
        _mm_and_si128(block, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010)
    );
    return _mm_or_si128(odd, even);
}

/// Numbers below 64 to letters: what has to be added depends on the range they are in.
[[gnu::target("ssse3")]] __m128i letters(__m128i numbers) noexcept {
    // By range: a-z, each digit, "+", "/", and A-Z, which is number 13.
    const __m128i offsets = _mm_setr_epi8(
        'a' - 26,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '0' - 52,
        '+' - 62,
        '/' - 63,
        'A',
        0,
        0
    );
    __m128i range = _mm_subs_epu8(numbers, _mm_set1_epi8(51)); // 0 up to 'z', 1 to 12 behind it
    const __m128i is_upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), numbers);
    range = _mm_or_si128(range, _mm_and_si128(is_upper, _mm_set1_epi8(13)));
    return _mm_add_epi8(_mm_shuffle_epi8(offsets, range), numbers);
}

/// Letters to numbers; false when one of the sixteen bytes is no letter of the alphabet.
[[gnu::target("ssse3")]] bool read_letters(__m128i& block) noexcept {
    // A bit for each group of bytes that share what is wrong with some of their low halves.
    const __m128i wrong_low = _mm_setr_epi8(
        0x15,
        0x11,
        0x11,
        0x11,
        0x11,
        0x11,
        0x11,
        0x11,
        0x11,
        0x11,
        0x13,
        0x1A,
        0x1B,
        0x1B,
        0x1B,
        0x1A
    );
    // A byte is wrong if its halves share a bit. All low halves have 0x10: whatever their low half,
    // control characters and bytes from 0x80 on are wrong.
    const __m128i wrong_high = _mm_setr_epi8(
        0x10,
        0x10,
        0x01,
        0x02,
        0x04,
        0x08,
        0x04,
        0x08,
        0x10,
        0x10,
        0x10,
        0x10,
        0x10,
        0x10,
        0x10,
        0x10
    );
    // What to add, by high half, '/' apart.
    const __m128i offsets = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i half = _mm_set1_epi8(0x0f);
    const __m128i high = _mm_and_si128(_mm_srli_epi32(block, 4), half);
    const __m128i low = _mm_and_si128(block, half);
    const __m128i wrong =
        _mm_and_si128(_mm_shuffle_epi8(wrong_low, low), _mm_shuffle_epi8(wrong_high, high));
    if (_mm_movemask_epi8(_mm_cmpgt_epi8(wrong, _mm_setzero_si128())) != 0) {
        return false;
    }
    // "/" shares its high half with "+". It takes the offset one place before, for a comparison
    // that holds is -1.
    const __m128i is_slash = _mm_cmpeq_epi8(block, _mm_set1_epi8('/'));
    block = _mm_add_epi8(block, _mm_shuffle_epi8(offsets, _mm_add_epi8(is_slash, high)));
    return true;
}

/// The twelve bytes of sixteen 6-bit numbers, then four zeros.
[[gnu::target("ssse3")]] __m128i join(__m128i numbers) noexcept {
    // Two numbers make 12 bits, two of those 24, of which the shuffle takes the highest byte first.
    const __m128i pairs = _mm_maddubs_epi16(numbers, _mm_set1_epi32(0x01400140));
    const __m128i quanta = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
    return _mm_shuffle_epi8(
        quanta, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
    );
}

} // namespace

[[gnu::target("ssse3")]] std::size_t
base64_encode_blocks(const unsigned char* in, std::size_t size, char* out) noexcept {
    std::size_t used = 0;
    if (has_ssse3()) {
        // A load of 16 bytes, of which 12 are encoded, must not reach beyond the end.
        for (; size - used >= 16; used += 12, out += 16) {
            store(out, letters(split(load(in + used))));
        }
    }
    return used;
}

[[gnu::target("ssse3")]] std::size_t
base64_decode_blocks(const unsigned char* in, std::size_t size, char* out) noexcept {
    std::size_t used = 0;
    if (has_ssse3()) {
        for (; size - used >= 24; used += 16, out += 12) { // the room of 24 takes 16 bytes
            __m128i block = load(in + used);
            if (!read_letters(block)) {
                break;
            }
            store(out, join(block));
        }
    }
    return used;
}

#else

std::size_t base64_encode_blocks(const unsigned char*, std::size_t, char*) noexcept { return 0; }

std::size_t base64_decode_blocks(const unsigned char*, std::size_t, char*) noexcept { return 0; }

#endif

} // namespace pep
