// Enumerations: one constexpr list of (value, name, sense) gives input by number or name, output,
// schema and menus. Numbers that are not listed are refused on the way in; on the way out they pass
// as they are, because a client is better served by an odd number than by no answer.
#pragma once

#include "marshal/scalar.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace pep::marshal {

/// One enumerator.
template <class E>
struct Value {
    E value;
    std::string_view name; ///< as in the C header
    std::string_view doc;  ///< its sense, for schema and reference
};

template <class E>
constexpr Value<E> value(E v, std::string_view name, std::string_view doc) {
    return {v, name, doc};
}

/// Specialise for an enumeration: `name`, `doc`, `list` (a std::array of Value). Optional:
///  - `object_key`: the wire form is `{"<key>": n}`; input takes the bare number, too;
///  - `prefix`: enumerators are also understood without it;
///  - `flags = true`: bits to be combined, always a plain integer.
template <class E>
struct Values;

template <class E>
concept Enumerated = requires {
    { Values<E>::name } -> std::convertible_to<std::string_view>;
    { Values<E>::doc } -> std::convertible_to<std::string_view>;
    Values<E>::list.size();
};

/// A list of enumerators without its C++ type, so that the work is done in plain functions.
struct EnumTable {
    struct Row {
        std::int64_t value;
        std::string_view name, doc;
    };

    std::string_view name, doc, object_key, prefix;
    std::span<const Row> rows;
};

/// The number meant by `j`: a listed number, the name of one, or an object holding either. A
/// missing member of the object is 0, as old clients expect.
Expected<std::int64_t> decode_enum(const EnumTable& table, const json& j, const Path& at);
json encode_enum(const EnumTable& table, std::int64_t value);
json enum_schema(const EnumTable& table);
json flags_schema(const EnumTable& table, json integer);

template <Enumerated E>
inline constexpr bool is_flags = false;

template <Enumerated E>
requires requires { Values<E>::flags; }
inline constexpr bool is_flags<E> = Values<E>::flags;

namespace detail {

template <Enumerated E>
constexpr auto make_rows() {
    std::array<EnumTable::Row, Values<E>::list.size()> rows{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& entry = Values<E>::list[i];
        rows[i] = {static_cast<std::int64_t>(entry.value), entry.name, entry.doc};
    }
    return rows;
}

template <Enumerated E>
inline constexpr auto rows = make_rows<E>();

} // namespace detail

template <Enumerated E>
constexpr EnumTable enum_table() {
    EnumTable table{Values<E>::name, Values<E>::doc, {}, {}, detail::rows<E>};
    if constexpr (requires { Values<E>::object_key; })
        table.object_key = Values<E>::object_key;
    if constexpr (requires { Values<E>::prefix; })
        table.prefix = Values<E>::prefix;
    return table;
}

template <Enumerated E>

requires(std::is_enum_v<E> && !is_flags<E>) struct Type<E> {
    using Holder = E;
    static constexpr std::string_view name = Values<E>::name;

    static Expected<E> decode(const json& j, const Path& at) {
        auto number = decode_enum(enum_table<E>(), j, at);
        if (!number)
            return fail(number);
        return static_cast<E>(*number);
    }

    static E get(E& e) { return e; }

    static Expected<json> encode(E e, const Path&) {
        return encode_enum(enum_table<E>(), static_cast<std::int64_t>(e));
    }

    static json schema(Schemas& schemas) {
        return schemas.ref(name, [](Schemas&) { return enum_schema(enum_table<E>()); });
    }
};

/// Tag: an integer whose bits are the enumerators of E. Bits that are not documented pass, since
/// newer clients may know more of them.
template <Enumerated E, Integer Raw = unsigned>
struct Flags {
    Raw bits{};

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator Raw() const noexcept { return bits; }
};

template <Enumerated E, Integer Raw>
struct Type<Flags<E, Raw>> {
    using Holder = Raw;
    static constexpr std::string_view name = "Integer"; // what the legacy function table says

    static Expected<Raw> decode(const json& j, const Path& at) { return Type<Raw>::decode(j, at); }

    static Flags<E, Raw> get(Raw& bits) { return {bits}; }

    static Expected<json> encode(Flags<E, Raw> flags, const Path&) { return json(flags.bits); }

    static json schema(Schemas& schemas) {
        return schemas.ref(Values<E>::name, [](Schemas& inner) {
            return flags_schema(enum_table<E>(), Type<Raw>::schema(inner));
        });
    }
};

/// A C parameter or member declared with the enumeration of bits itself: only documented bits, as
/// C++ gives other values of the enumeration no meaning.
template <Enumerated E>

requires(std::is_enum_v<E>&& is_flags<E>) struct Type<E> {
    using Holder = E;
    static constexpr std::string_view name = "Integer";

    static Expected<E> decode(const json& j, const Path& at) {
        std::uint64_t known = 0;
        for (const auto& row : detail::rows<E>)
            known |= static_cast<std::uint64_t>(row.value);
        auto bits = Type<std::uint64_t>::decode(j, at);
        if (!bits)
            return fail(bits);
        if ((*bits & ~known) != 0)
            return refuse(at, Fault::unknown_value, "bits of " + std::string(Values<E>::name));
        return static_cast<E>(*bits);
    }

    static E get(E& e) { return e; }

    static Expected<json> encode(E e, const Path&) {
        return json(static_cast<std::underlying_type_t<E>>(e));
    }

    static json schema(Schemas& schemas) {
        return schemas.ref(Values<E>::name, [](Schemas&) {
            return flags_schema(enum_table<E>(), {{"type", "integer"}, {"minimum", 0}});
        });
    }
};

} // namespace pep::marshal
