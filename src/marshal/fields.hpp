// Structs: one constexpr list of fields drives decoding, encoding, schema and reference. Works for
// C structs held by pointer (made and freed by their library) and for plain C++ structs by value.
// Members not listed stay as `make` leaves them; unknown members of the input are ignored; null and
// absent both mean "unset".
#pragma once

#include "marshal/lent.hpp"
#include "marshal/slot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace pep::marshal {

/// When a member is on the wire. Without an option: strings, structs and lists unless NULL, numbers
/// and booleans always, in both directions.
enum class FieldOption : unsigned {
    natural = 0,
    omit_zero = 1,   ///< left out of the output when 0, false or NULL
    always = 2,      ///< NULL is output as null
    output_only = 4, ///< ignored on input
    input_only = 8,
};

constexpr FieldOption operator|(FieldOption a, FieldOption b) {
    return static_cast<FieldOption>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

constexpr bool has(FieldOption set, FieldOption one) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

inline constexpr FieldOption omit_zero = FieldOption::omit_zero;
inline constexpr FieldOption always = FieldOption::always;
inline constexpr FieldOption output_only = FieldOption::output_only;
inline constexpr FieldOption input_only = FieldOption::input_only;

/// One member. `As` is a tag where the wire form differs from the C type's own.
template <class Owner, class Member, class As = Deduced>
struct Field {
    using Wire = Slot<Member, As>;
    Member Owner::*member;
    std::string_view name, doc;
    FieldOption options = FieldOption::natural;

    /// Replaces the member and frees what it owned.
    static Expected<void> load(const Field& f, Owner& object, const json& j, const Path& at) {
        return Wire::decode(object.*(f.member), j, at);
    }

    static Expected<json> store(const Field& f, const Owner& object, const Path& at) {
        return Wire::encode(object.*(f.member), at);
    }

    /// Whether the member is written at all.
    [[nodiscard]] bool present(const Owner& object) const {
        if (has(options, FieldOption::input_only))
            return false;
        if (has(options, FieldOption::always))
            return true;
        return has(options, FieldOption::omit_zero) ? !Wire::is_zero(object.*member)
                                                    : !Wire::is_unset(object.*member);
    }
};

/// Bytes in a pointer member and their count in another one; base64 on the wire, absent when empty.
template <class Owner, class Count>
struct BytesField {
    char* Owner::*member;
    Count Owner::*size;
    std::string_view name, doc;
    FieldOption options = FieldOption::natural;

    using Wire = Slot<char*, Base64>;

    static Expected<void> load(const BytesField& f, Owner& object, const json& j, const Path& at) {
        std::size_t size = 0;
        // Before the old bytes go: who is refused leaves the object whole.
        auto bytes = decode_base64(j, at, size);
        if (!bytes)
            return fail(bytes);
        Owned<char> old{object.*(f.member)};
        object.*(f.member) = bytes->release();
        object.*(f.size) = size;
        return {};
    }

    static Expected<json> store(const BytesField& f, const Owner& object, const Path& at) {
        // Somebody keeps the owner, so the bytes need not be copied to be encoded.
        if (at.lends() && object.*(f.size) >= lent_from_bytes)
            return lend({object.*(f.member), object.*(f.size)});
        return Type<Base64>::encode({object.*(f.member), object.*(f.size)}, at);
    }

    [[nodiscard]] bool present(const Owner& object) const {
        return object.*member && object.*size > 0;
    }
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(
    Member Owner::*member,
    std::string_view name,
    std::string_view doc,
    FieldOption options = FieldOption::natural
) {
    return {member, name, doc, options};
}

/// A member with another wire form than its C type's: `field_as<Language>(&identity::lang, …)`.
template <class As, class Owner, class Member>
constexpr Field<Owner, Member, As> field_as(
    Member Owner::*member,
    std::string_view name,
    std::string_view doc,
    FieldOption options = FieldOption::natural
) {
    return {member, name, doc, options};
}

template <class Owner, class Count>
constexpr BytesField<Owner, Count>
bytes(char* Owner::*member, Count Owner::*size, std::string_view name, std::string_view doc) {
    return {member, size, name, doc, FieldOption::natural};
}

/// Specialise for a struct: `name`, `doc`, `list` (a std::tuple of fields) and, for C structs,
/// `make`, a function pointer that returns an empty object or NULL. Optional:
///  - `empty_object_is_null = true`: `{}` comes in as NULL.
template <class T>
struct Fields;

template <class T>
concept Described = requires {
    { Fields<T>::name } -> std::convertible_to<std::string_view>;
    { Fields<T>::doc } -> std::convertible_to<std::string_view>;
    std::tuple_size_v<std::remove_cvref_t<decltype(Fields<T>::list)>>;
};

/// A singly linked list, see lists.hpp.
template <class Node>
struct List;

template <class T>
concept Listed = requires {
    { List<T>::name } -> std::convertible_to<std::string_view>;
    List<T>::next;
};

namespace detail {

/// The member `name` of an object unless it is absent or null.
const json* find_set(const json& object, std::string_view name);

json object_schema(std::string_view doc, json properties);

/// A property's schema with its description; beside `$ref` other members are legal in JSON Schema.
json property(json schema, std::string_view doc, FieldOption options);

} // namespace detail

/// The members of an object that exists.
template <Described T>
Expected<void> decode_members(T& object, const json& j, const Path& at) {
    // In the order of the list: of several faults that decides which one is told.
    Expected<void> result;
    const auto one = [&](const auto& f) {
        if (!result || has(f.options, FieldOption::output_only))
            return;
        if (const json* member = detail::find_set(j, f.name))
            result = f.load(f, object, *member, at.field(f.name));
    };
    std::apply([&](const auto&... f) { (one(f), ...); }, Fields<T>::list);
    return result;
}

template <Described T>
Expected<json> encode_members(const T& object, const Path& at) {
    json out = json::object();
    // Growing would copy every member, big texts too, as the keys of an object are const.
    out.template get_ref<json::object_t&>()
        .reserve(std::tuple_size_v<std::remove_cvref_t<decltype(Fields<T>::list)>>);
    std::optional<Error> error;
    const auto one = [&](const auto& f) {
        if (error || !f.present(object))
            return;
        auto member = f.store(f, object, at.field(f.name));
        if (member)
            out.emplace(std::string(f.name), std::move(*member));
        else
            error = std::move(member.error());
    };
    std::apply([&](const auto&... f) { (one(f), ...); }, Fields<T>::list);
    if (error)
        return tl::make_unexpected(std::move(*error));
    return out;
}

template <Described T>
json describe_members(Schemas& schemas) {
    json properties = json::object();
    const auto one = [&](const auto& f) {
        using Wire = typename std::remove_cvref_t<decltype(f)>::Wire;
        // Only `always` writes null; elsewhere a NULL is left out.
        json schema = has(f.options, FieldOption::always) && Wire::nullable
                          ? or_null(Wire::schema(schemas))
                          : Wire::schema(schemas);
        properties[std::string(f.name)] = detail::property(std::move(schema), f.doc, f.options);
    };
    std::apply([&](const auto&... f) { (one(f), ...); }, Fields<T>::list);
    return detail::object_schema(Fields<T>::doc, std::move(properties));
}

/// C structs by pointer: null is NULL in both directions.
template <class T>

requires(Described<T> && !Listed<T> && Releasable<T> && !std::is_const_v<T>) struct Type<T*> {
    using Holder = Owned<T>;
    static constexpr std::string_view name = Fields<T>::name;

    static Expected<Holder> decode(const json& j, const Path& at) {
        if (j.is_null())
            return Holder{};
        if (!j.is_object())
            return refuse(at, Fault::wrong_type, "an object (" + std::string(name) + ")");
        // Old clients send {} where they have nothing to say.
        if constexpr (requires { Fields<T>::empty_object_is_null; })
            if (Fields<T>::empty_object_is_null && j.empty())
                return Holder{};
        Holder object{Fields<T>::make()};
        if (!object)
            return refuse(at, Fault::out_of_memory, "less data");
        if (auto loaded = decode_members(*object, j, at); !loaded)
            return fail(loaded);
        return object;
    }

    static T* get(Holder& h) { return h.get(); }

    static Expected<json> encode(const T* object, const Path& at) {
        if (!object)
            return json();
        return encode_members(*object, at);
    }

    static json schema(Schemas& schemas) { return schemas.ref(name, &describe_members<T>); }
};

template <class T>
requires Wire<T*>

struct Type<const T*> : Type<T*> {
};

/// C++ structs by value.
template <class T>

requires(Described<T>&& std::is_class_v<T>) struct Type<T> {
    using Holder = T;
    static constexpr std::string_view name = Fields<T>::name;

    /// null is refused: a plain value has none that means nothing. std::optional has.
    static Expected<T> decode(const json& j, const Path& at) {
        if (!j.is_object())
            return refuse(at, Fault::wrong_type, "an object (" + std::string(name) + ")");
        T object{};
        if (auto loaded = decode_members(object, j, at); !loaded)
            return fail(loaded);
        return object;
    }

    static const T& get(const Holder& h) { return h; }

    static Expected<json> encode(const T& object, const Path& at) {
        return encode_members(object, at);
    }

    static json schema(Schemas& schemas) { return schemas.ref(name, &describe_members<T>); }
};

} // namespace pep::marshal
