// Fingerprints to words (engine reference 6). Dictionaries are read in trustwords_dictionary.cpp.
#include "engine/trustwords.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>

namespace pep::engine {

namespace {

/// 0 to 15, or -1 for what is no hex digit.
constexpr int nibble(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Upper case; words_of() reads it again.
std::string to_hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xfU];
    }
    return hex;
}

using Bytes = std::vector<unsigned char>;

/// The number a fingerprint spells, most significant byte first. Any length: version 4 keys have 20
/// bytes, later ones 32.
Expected<Bytes> fingerprint_bytes(std::string_view fpr) {
    constexpr std::string_view separators = ".:,;-_ ";
    std::vector<unsigned char> nibbles;
    for (const char c : fpr) {
        if (separators.find(c) != std::string_view::npos)
            continue;
        const int value = nibble(c);
        if (value < 0)
            return fail(PEP_ILLEGAL_VALUE, "a fingerprint consists of hex digits");
        nibbles.push_back(static_cast<unsigned char>(value));
    }
    // Also when there are no digits at all. Its words would say nothing of a key.
    if (std::all_of(nibbles.begin(), nibbles.end(), [](auto n) { return n == 0; }))
        return fail(PEP_TRUSTWORDS_DUPLICATE_FPR, "a fingerprint is all zero");
    // As in the engine 3.3: a number of an odd number of digits begins with 0.
    if (nibbles.size() % 2 != 0)
        nibbles.insert(nibbles.begin(), 0);
    Bytes bytes(nibbles.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<unsigned char>(nibbles[2 * i] << 4U | nibbles[2 * i + 1]);
    return bytes;
}

/// OpenSSL 3 may have it only in a provider that is not loaded: no words then.
Expected<Bytes> ripemd160(const Bytes& data) {
    Bytes digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_ripemd160(), nullptr) != 1)
        return fail(PEP_UNKNOWN_ERROR, "RIPEMD-160 is not available");
    digest.resize(size);
    return digest;
}

} // namespace

Expected<std::string>
combine_fingerprints(std::string_view first, std::string_view second, Combination how) {
    auto a = fingerprint_bytes(first);
    if (!a)
        return fail(a);
    auto b = fingerprint_bytes(second);
    if (!b)
        return fail(b);
    const std::size_t size = std::max(a->size(), b->size());
    // Aligned at the end, as numbers of different length are.
    a->insert(a->begin(), size - a->size(), 0);
    b->insert(b->begin(), size - b->size(), 0);
    switch (how) {
    // Whoever can make keys can aim at given words here: kept for partners who know nothing else.
    case Combination::exclusive_or:
        for (std::size_t i = 0; i < size; ++i)
            (*a)[i] = static_cast<unsigned char>((*a)[i] ^ (*b)[i]);
        return to_hex(*a);
    case Combination::ripemd160:
        break;
    }
    // Both sides must hash the same: the smaller number comes first.
    if (*b < *a)
        std::swap(*a, *b);
    a->insert(a->end(), b->begin(), b->end());
    auto digest = ripemd160(*a);
    if (!digest)
        return fail(digest);
    return to_hex(*digest);
}

Expected<std::string> words_of(
    const Dictionaries& dictionaries, std::string_view hex, std::string_view lang, int max_words
) {
    // As in the engine 3.3.
    if (lang.empty())
        lang = "en";
    std::string words;
    int count = 0;
    std::size_t at = 0;
    // As established: separators behind the last complete group make one more word of value 0.
    while (at < hex.size() && (max_words == 0 || count < max_words)) {
        unsigned value = 0;
        int digits = 0;
        for (; at < hex.size() && digits < 4; ++at) {
            const int digit = nibble(hex[at]);
            if (digit < 0)
                continue;
            value = value << 4U | static_cast<unsigned>(digit);
            ++digits;
        }
        // An incomplete last group stands at the left, behind it zeros.
        value <<= 4U * static_cast<unsigned>(4 - digits);
        // One word that is missing fails all: fewer words would look like a comparison that
        // succeeded.
        auto word = dictionaries.word(lang, static_cast<std::uint16_t>(value));
        if (!word)
            return word;
        if (count++ > 0)
            words += ' ';
        words += *word;
    }
    return words;
}

} // namespace pep::engine
