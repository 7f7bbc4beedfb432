// Types of C++ functions that stand in the function map beside those of the C library.
#pragma once

#include "marshal/type.hpp"

#include <optional>
#include <vector>

namespace pep::marshal {

template <class T>
inline constexpr bool is_optional = false;

template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// A value or null.
template <Wire T>
struct Type<std::optional<T>> {
    using Holder = std::optional<typename Type<T>::Holder>;
    static constexpr std::string_view name = Type<T>::name;

    static Expected<Holder> decode(const json& j, const Path& at) requires Readable<T> {
        if (j.is_null())
            return Holder{};
        auto value = Type<T>::decode(j, at);
        if (!value)
            return fail(value);
        return Holder{std::move(*value)};
    }

    /// Borrowed from the holder, as T itself may be a pointer.
    static std::optional<T> get(Holder& h) {
        return h ? std::optional<T>{Type<T>::get(*h)} : std::nullopt;
    }

    static Expected<json>
    encode(const std::optional<T>& value, const Path& at) requires Writable<T> {
        if (!value)
            return json();
        return Type<T>::encode(*value, at);
    }

    static json schema(Schemas& schemas) { return or_null(Type<T>::schema(schemas)); }
};

/// Comes in as the value it is, so that many of them can be lent as one vector.
template <class T>
concept HoldsItself = Readable<T> && std::same_as<typename Type<T>::Holder, T>;

/// An array, in and out.
template <Wire T>
struct Type<std::vector<T>> {
    using Holder = std::vector<T>;
    /// As the legacy function table calls any list.
    static constexpr std::string_view name = "Array";

    static Expected<Holder> decode(const json& j, const Path& at) requires HoldsItself<T> {
        if (!j.is_array())
            return refuse(at, Fault::wrong_type, "an array");
        Holder values;
        // The reader bounds how many values a document has.
        values.reserve(j.size());
        for (std::size_t i = 0; i < j.size(); ++i) {
            auto value = Type<T>::decode(j[i], at.item(i));
            if (!value)
                return fail(value);
            values.push_back(std::move(*value));
        }
        return values;
    }

    static const Holder& get(const Holder& h) { return h; }

    static Expected<json>
    encode(const std::vector<T>& values, const Path& at) requires Writable<T> {
        // All or nothing: a list without some of its elements would be a wrong answer.
        json array = json::array();
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto value = Type<T>::encode(values[i], at.item(i));
            if (!value)
                return fail(value);
            array.push_back(std::move(*value));
        }
        return array;
    }

    static json schema(Schemas& schemas) {
        return {{"type", "array"}, {"items", Type<T>::schema(schemas)}};
    }
};

} // namespace pep::marshal
