// The document type of marshalling and RPC. Member order on the wire is part of the contract with
// existing clients, so objects keep the order in which their members were added, everywhere.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace pep {

/// nlohmann's own, under a name of ours: it makes `json` a type whose members we may specialise.
template <class T, class Enable = void>
struct JsonSerializer : nlohmann::adl_serializer<T, Enable> {};

using json = nlohmann::basic_json<
    nlohmann::ordered_map,
    std::vector,
    std::string,
    bool,
    std::int64_t,
    std::uint64_t,
    double,
    std::allocator,
    JsonSerializer>;

} // namespace pep

/// Destroys what a value owns, without asking for memory. nlohmann puts all that is inside on a
/// stack which it allocates first, so as to stand any depth; as this happens in destructors, a
/// process that has no memory left would end there. Ours goes down by recursion: requests are
/// no deeper than the limit, and results no deeper than the types they are made of.
template <>
inline void pep::json::json_value::destroy(value_t kind) {
    const auto end = [](auto* owned) {
        std::destroy_at(owned);
        std::allocator<std::remove_pointer_t<decltype(owned)>>{}.deallocate(owned, 1);
    };
    switch (kind) {
    case value_t::object:
        return end(object);
    case value_t::array:
        return end(array);
    case value_t::string:
        return end(string);
    case value_t::binary:
        return end(binary);
    default:
        return;
    }
}
