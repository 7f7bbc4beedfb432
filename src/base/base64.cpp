// OpenSSL encodes. Decoding is ours: EVP_DecodeBlock takes neither white space inside nor missing
// or repeated padding, and attachments of 25 MB deserve a loop of four characters at a time.
#include "base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace pep {

namespace {

constexpr std::uint8_t skip = 0x40;
constexpr std::uint8_t pad = 0x41;
constexpr std::uint8_t bad = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(bad);
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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
        std::size_t used = 0;
        if (count_ != 0 || padding_ != 0) {
            return 0;
        }
        for (; size - used >= 4; used += 4) {
            const std::uint8_t a = values[in[used]];
            const std::uint8_t b = values[in[used + 1]];
            const std::uint8_t c = values[in[used + 2]];
            const std::uint8_t d = values[in[used + 3]];
            if ((a | b | c | d) >= skip) {
                break;
            }
            const std::uint32_t bits = std::uint32_t{a} << 18U | std::uint32_t{b} << 12U |
                                       std::uint32_t{c} << 6U | std::uint32_t{d};
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

std::string base64_encode(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '\0');
    // EVP_EncodeBlock counts in int and writes a NUL behind its output: pieces of whole quanta.
    constexpr std::size_t piece = std::size_t{3} << 24U;
    auto* out = reinterpret_cast<unsigned char*>(text.data());
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const std::string_view part = bytes.substr(at, piece);
        out += EVP_EncodeBlock(
            out, reinterpret_cast<const unsigned char*>(part.data()), static_cast<int>(part.size())
        );
    }
    return text;
}

Expected<std::string> base64_decode(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    Decoder decoder(bytes.data());
    const auto* in = reinterpret_cast<const unsigned char*>(text.data());
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
    bytes.resize(static_cast<std::size_t>(decoder.out() - bytes.data()));
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
