// Short forms the marshalling tests share.
#pragma once

#include "marshal/type.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::marshal {

/// What goes wrong when T reads this text: "slug at /path: expected …"; "" if nothing does.
template <class T>
std::string refusal(const char* text) {
    const Path root;
    const auto value = Type<T>::decode(json::parse(text), root.field("x"));
    if (value)
        return "";
    return std::string(slug(static_cast<Fault>(value.error().code))) + " at " +
           value.error().where + ": expected " + value.error().message;
}

/// The text read as a T and written again.
template <class T>
std::string round_trip(const char* text) {
    const Path root;
    auto holder = Type<T>::decode(json::parse(text), root);
    if (!holder)
        return "refused: " + holder.error().message + " at " + holder.error().where;
    const auto again = Type<T>::encode(Type<T>::get(*holder), root);
    return again ? again->dump() : "not encoded: " + again.error().message;
}

template <class T>
json schema_of() {
    Schemas schemas;
    const json schema = Type<T>::schema(schemas);
    return schema.contains("$ref") ? schemas.definitions().front() : schema;
}

} // namespace pep::marshal
