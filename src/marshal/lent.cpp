// A view packed into the document's binary type, with a mark that the reader never sets.
#include "marshal/lent.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

namespace pep::marshal {
namespace {

constexpr std::uint8_t mark = 1; // numbers as text, see json_reader.hpp, bear none

} // namespace

json lend(std::string_view bytes) {
    std::vector<std::uint8_t> packed(sizeof bytes);
    // Copied as bytes: a vector of them holds no object of another type.
    std::memcpy(packed.data(), &bytes, sizeof bytes);
    return json::binary(std::move(packed), mark);
}

std::optional<std::string_view> lent_bytes(const json& value) {
    if (!value.is_binary() || !value.get_binary().has_subtype())
        return std::nullopt;
    std::string_view bytes;
    std::memcpy(&bytes, value.get_binary().data(), sizeof bytes);
    return bytes;
}

} // namespace pep::marshal
