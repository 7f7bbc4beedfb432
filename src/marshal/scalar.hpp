// Booleans, integers and times. Ranges are loud: a number that the exact C type cannot hold is
// refused, and neither booleans nor floating-point numbers pass as integers.
#pragma once

#include "marshal/type.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace pep::marshal {

template <>
struct Type<bool> {
    using Holder = bool;
    static constexpr std::string_view name = "Bool";

    /// 0 and 1 are numbers: the original refuses them as well.
    static Expected<bool> decode(const json& j, const Path& at) {
        if (!j.is_boolean())
            return refuse(at, Fault::wrong_type, "true or false");
        return j.get<bool>();
    }

    static bool get(bool& b) { return b; }

    static Expected<json> encode(bool b, const Path&) { return json(b); }

    static json schema(Schemas&) { return {{"type", "boolean"}}; }
};

/// The integers C knows; `char` and its relatives are text.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                  !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <Integer T>
struct Type<T> {
    using Holder = T;
    static constexpr std::string_view name = "Integer";

    static Expected<T> decode(const json& j, const Path& at) {
        // 1.0 is none either, as in the original: it is no integer to the document.
        if (!j.is_number_integer()) // true for unsigned ones, too
            return refuse(at, Fault::wrong_type, phrase());
        // Before get<T>(), which would cut a number that is too big, and say nothing.
        const bool fits = j.is_number_unsigned() ? std::in_range<T>(j.get<std::uint64_t>())
                                                 : std::in_range<T>(j.get<std::int64_t>());
        if (!fits)
            return refuse(at, Fault::out_of_range, phrase());
        return j.get<T>();
    }

    static T get(T& t) { return t; }

    static Expected<json> encode(T t, const Path&) { return json(t); }

    static json schema(Schemas&) {
        return {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
    }

  private:
    static constexpr T low = std::numeric_limits<T>::min();
    static constexpr T high = std::numeric_limits<T>::max();

    static std::string phrase() {
        return "an integer from " + std::to_string(low) + " to " + std::to_string(high);
    }
};

/// A broken-down time in UTC; on the wire the seconds since 1970.
template <>
struct Type<std::tm*> {
    using Holder = Owned<std::tm>;
    static constexpr std::string_view name = "Timestamp";

    static Expected<Holder> decode(const json& j, const Path& at);

    static std::tm* get(Holder& h) { return h.get(); }

    static Expected<json> encode(const std::tm* time, const Path& at);
    static json schema(Schemas&);
};

template <>
struct Type<const std::tm*> : Type<std::tm*> {};

} // namespace pep::marshal
