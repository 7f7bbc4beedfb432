// Attachments of 25 MB pass here several times on their way, straight into the memory where they
// stay; OpenSSL's EVP_EncodeBlock writes a NUL behind its output, and EVP_DecodeBlock takes neither
// white space inside nor missing or repeated padding.
#include "base/base64.hpp"

#include "base/base64_blocks.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace pep {

namespace {

/// Marks of bytes that are no letter: all are above 63, the number of the last letter.
constexpr std::uint8_t skip = 0x40;
constexpr std::uint8_t pad = 0x41;
constexpr std::uint8_t bad = 0x80;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(bad);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    for (const char blank : {'\t', '\n', '\f', '\r', ' '}) {
        values[static_cast<unsigned char>(blank)] = skip;
    }
    values[static_cast<unsigned char>('=')] = pad;
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

// What a character stands for at each of the four places of a quantum, already shifted there; `bad`
// in the highest byte if it is no letter of the alphabet.
using Places = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Places make_places() {
    Places places{};
    for (unsigned place = 0; place < 4; ++place) {
        for (std::size_t c = 0; c < 256; ++c) {
            places[place][c] = values[c] < skip ? std::uint32_t{values[c]} << (18U - 6U * place)
                                                : std::uint32_t{bad} << 24U;
        }
    }
    return places;
}

constexpr Places places = make_places();

// The two characters for each 12 bits.
constexpr std::array<std::array<char, 2>, 4096> make_pairs() {
    std::array<std::array<char, 2>, 4096> pairs{};
    for (std::size_t bits = 0; bits < pairs.size(); ++bits) {
        pairs[bits] = {alphabet[bits >> 6U], alphabet[bits & 63U]};
    }
    return pairs;
}

constexpr std::array<std::array<char, 2>, 4096> pairs = make_pairs();

// The state between characters: a quantum in the making, and how much padding it still wants.
class Decoder {
  public:
    explicit Decoder(char* out) : out_(out) {}

    // False: the character is not allowed here.
    bool take(std::uint8_t value) {
        if (value == skip) {
            return true;
        }
        if (value == pad) {
            // The first sign ends the quantum, and so tells how many signs belong to it.
            if (padding_ == 0) {
                if (count_ < 2) {
                    return false;
                }
                padding_ = 4 - count_;
                finish();
            }
            --padding_;
            return true;
        }
        if (value == bad || padding_ != 0) {
            return false;
        }
        bits_ = bits_ << 6U | value;
        if (++count_ == 4) {
            finish();
        }
        return true;
    }

    // The loop for the common case: whole quanta without white space. Returns how many bytes it
    // took.
    std::size_t take_quanta(const unsigned char* in, std::size_t size) {
        // Within a quantum, or its padding, characters are taken one by one.
        if (count_ != 0 || padding_ != 0) {
            return 0;
        }
        std::size_t used = base64_decode_blocks(in, size, out_);
        out_ += used / 4 * 3;
        for (; size - used >= 4; used += 4) {
            // One look for four characters: the mark of any of them is in the highest byte.
            const std::uint32_t bits = places[0][in[used]] | places[1][in[used + 1]] |
                                       places[2][in[used + 2]] | places[3][in[used + 3]];
            if (bits >> 24U != 0) {
                break;
            }
            *out_++ = static_cast<char>(bits >> 16U);
            *out_++ = static_cast<char>(bits >> 8U);
            *out_++ = static_cast<char>(bits);
        }
        return used;
    }

    // False: the text ends within padding, or with a character that makes no byte.
    bool end() {
        if (padding_ != 0 || count_ == 1) {
            return false;
        }
        finish();
        return true;
    }

    [[nodiscard]] char* out() const { return out_; }

  private:
    // Bits that do not fill a byte are dropped, as existing clients' decoders do.
    void finish() {
        if (count_ < 2) {
            count_ = 0;
            return;
        }
        bits_ <<= 6U * (4U - count_);
        for (unsigned i = 0; i + 1 < count_; ++i) {
            *out_++ = static_cast<char>(bits_ >> (16U - 8U * i));
        }
        bits_ = 0;
        count_ = 0;
    }

    char* out_;
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
    unsigned padding_ = 0;
};

} // namespace

char* base64_encode_to(std::string_view bytes, char* out) {
    const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
    const std::size_t done = base64_encode_blocks(in, bytes.size(), out);
    in += done;
    out += done / 3 * 4;
    std::size_t left = bytes.size() - done;
    for (; left >= 3; left -= 3, in += 3, out += 4) {
        const std::uint32_t bits =
            std::uint32_t{in[0]} << 16U | std::uint32_t{in[1]} << 8U | std::uint32_t{in[2]};
        std::memcpy(out, pairs[bits >> 12U].data(), 2);
        std::memcpy(out + 2, pairs[bits & 0xFFFU].data(), 2);
    }
    if (left > 0) {
        const std::uint32_t bits =
            std::uint32_t{in[0]} << 16U | (left == 2 ? std::uint32_t{in[1]} << 8U : 0U);
        std::memcpy(out, pairs[bits >> 12U].data(), 2);
        out[2] = left == 2 ? pairs[bits & 0xFFFU][0] : '=';
        out[3] = '=';
        out += 4;
    }
    return out;
}

std::string base64_encode(std::string_view bytes) {
    std::string text(base64_encoded_size(bytes.size()), '\0');
    base64_encode_to(bytes, text.data());
    return text;
}

Expected<std::size_t> base64_decode_to(std::string_view text, char* out) {
    Decoder decoder(out);
    const auto* in = reinterpret_cast<const unsigned char*>(text.data());
    // Lines of MIME have at most 76 characters (RFC 2045 6.8), which are 19 whole quanta: the fast
    // loop goes from one line break to the next.
    for (std::size_t at = 0; at < text.size();) {
        at += decoder.take_quanta(in + at, text.size() - at);
        if (at < text.size()) {
            if (!decoder.take(values[in[at]])) {
                return fail(0, "not base64 at offset " + std::to_string(at));
            }
            ++at;
        }
    }
    if (!decoder.end()) {
        return fail(0, "base64 ends within a quantum");
    }
    return static_cast<std::size_t>(decoder.out() - out);
}

Expected<std::string> base64_decode(std::string_view text) {
    // The blocks are stored as a whole, and so need more room than the result.
    std::string bytes(base64_decoded_room(text.size()), '\0');
    const auto size = base64_decode_to(text, bytes.data());
    if (!size) {
        return tl::make_unexpected(size.error());
    }
    bytes.resize(*size);
    return bytes;
}

std::string base64url_encode(std::string_view bytes) {
    std::string text = base64_encode(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

} // namespace pep
