// Any bytes as a payload of the engines among each other: what decodes must encode to something
// that decodes to the same; and what was written bit by bit is read back.
#include "engine/distribution_codec.hpp"
#include "engine/receiver_rating.hpp"
#include "engine/uper.hpp"

#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace {

using namespace pep::engine;

void check(bool holds) {
    if (!holds)
        std::abort();
}

void check_key_reset(std::string_view bytes) {
    const auto decoded = decode_distribution(bytes);
    if (!decoded || decoded->kind != Distribution::Kind::key_reset)
        return;
    const auto encoded = encode_key_reset(decoded->commands);
    check(encoded.has_value());
    const auto again = decode_distribution(*encoded);
    check(again && again->kind == decoded->kind && again->commands == decoded->commands);
}

void check_receiver_rating(std::string_view bytes) {
    const auto rating = decode_receiver_rating(bytes);
    if (!rating)
        return;
    const auto encoded = encode_receiver_rating(*rating);
    check(encoded && *encoded == bytes); // two octets have one form only
}

/// The input as a list of things to write: a kind, then its value.
void check_bits(std::string_view bytes) {
    struct Item {
        unsigned count = 0; // of bits; 0: a length, then as many octets
        std::uint64_t value = 0;
        std::string octets;
    };

    std::vector<Item> items;
    uper::Reader plan{bytes};
    while (plan.ok() && items.size() < 64) {
        Item item;
        item.count = static_cast<unsigned>(plan.bits(7));
        if (item.count > 64)
            item.count -= 64;
        if (item.count > 0)
            item.value = plan.bits(item.count);
        else
            item.octets = plan.octets(plan.length() % 300);
        if (plan.ok())
            items.push_back(std::move(item));
    }

    uper::Writer out;
    for (const Item& item : items) {
        if (item.count > 0) {
            out.bits(item.value, item.count);
        } else {
            out.length(item.octets.size());
            out.octets(item.octets);
        }
    }
    const std::string written = std::move(out).finish();
    uper::Reader in{written};
    for (const Item& item : items) {
        if (item.count > 0)
            check(in.bits(item.count) == item.value);
        else
            check(in.octets(in.length()) == item.octets);
    }
    check(items.empty() || in.at_end());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    check_key_reset(bytes);
    check_receiver_rating(bytes);
    check_bits(bytes);
    return 0;
}
