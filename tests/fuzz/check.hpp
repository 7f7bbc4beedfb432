// What fuzz targets have in common: a broken promise ends the program, and the sanitizers' stack
// trace says which one it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace pep::fuzz {

inline void check(bool holds) {
    if (!holds)
        std::abort();
}

/// Stands in an input for what nobody should see again. No name, number or base64 has a "!" in it.
inline constexpr std::string_view secret = "q7!Zk~secret";

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

} // namespace pep::fuzz
