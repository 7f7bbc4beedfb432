// What every C type on the wire must offer, once. `Type<T>` is the only extension point of this
// layer: scalars, strings, enumerations, structs and lists are families of specialisations.
#pragma once

#include "base/expected.hpp"
#include "marshal/fault.hpp"
#include "marshal/json.hpp"
#include "marshal/owned.hpp"
#include "marshal/path.hpp"
#include "marshal/schema.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pep::marshal {

/// How the C type (or tag) T looks on the wire. A specialisation has
///  - `name`, shown in schema, reference and the legacy function table;
///  - `Holder`, which owns a decoded value, and `get(holder)`, which lends it to C;
///  - `decode(json, path)` if values come in, `encode(value, path)` if they go out;
///  - `schema(Schemas&)`;
///  - optionally `take(json&, path)`, a decode that may plunder its source (big or secret text),
///  and
///    `bytes(holder)`, the byte count that an InLength neighbour passes to C.
template <class T>
struct Type;

template <class T>
concept Named = requires(Schemas& schemas) {
    { Type<T>::name } -> std::convertible_to<std::string_view>;
    { Type<T>::schema(schemas) } -> std::same_as<json>;
};

/// Can come in.
template <class T>
concept Readable = Named<T> &&
    requires(const json& j, const Path& at, typename Type<T>::Holder& h) {
    { Type<T>::decode(j, at) } -> std::same_as<Expected<typename Type<T>::Holder>>;
    { Type<T>::get(h) } -> std::convertible_to<T>; // the holder owns, C borrows
};

/// Can go out.
template <class T>
concept Writable = Named<T> && requires(const T& value, const Path& at) {
    { Type<T>::encode(value, at) } -> std::same_as<Expected<json>>;
};

template <class T>
concept Wire = Readable<T> || Writable<T>;

/// Decode, plundering the source where the type can make use of that.
template <Readable T>
Expected<typename Type<T>::Holder> take(json& source, const Path& at) {
    if constexpr (requires { Type<T>::take(source, at); })
        return Type<T>::take(source, at);
    else
        return Type<T>::decode(source, at);
}

/// Stands in an annotation for "the type the C declaration has".
struct Deduced {};

template <class T, class Declared>
using or_deduced = std::conditional_t<std::same_as<T, Deduced>, Declared, T>;

} // namespace pep::marshal
