// How one member of a struct is filled from JSON and read back. Most members simply follow their
// Type<>; this file knows the few shapes C adds inside structs: pointers that own, character
// arrays.
#pragma once

#include "marshal/cpp_types.hpp"
#include "marshal/enums.hpp"
#include "marshal/scalar.hpp"
#include "marshal/text_types.hpp"

#include <cstring>
#include <memory>
#include <type_traits>

namespace pep::marshal {

/// A member of C type M on the wire as `As` (or as M itself).
///  - `decode(slot, json, path)` replaces the value, freeing what the slot owned;
///  - `encode(slot, path)`;
///  - `is_unset`: nothing there at all (NULL, empty array); `is_zero`: that, or 0 or false;
///  - `nullable`: can be output as null.
template <class M, class As = Deduced>
struct Slot {
    using W = or_deduced<As, M>;
    static_assert(Wire<W>, "this member's C type has no Type<>: describe it in src/api/types");
    static constexpr bool nullable = std::is_pointer_v<M>;

    static Expected<void> decode(M& slot, const json& j, const Path& at) {
        auto value = Type<W>::decode(j, at);
        if (!value)
            return fail(value);
        if constexpr (std::is_pointer_v<M>) {
            static_assert(
                requires { value->release(); },
                "a pointer member needs a type whose holder can hand over what it owns"
            );
            // Freed only now that there is something to take its place.
            const typename Type<W>::Holder old{slot};
            slot = value->release();
        } else {
            slot = static_cast<M>(Type<W>::get(*value));
        }
        return {};
    }

    static Expected<json> encode(const M& slot, const Path& at) {
        if constexpr (std::same_as<W, M>)
            return Type<W>::encode(slot, at);
        else
            return Type<W>::encode(W{slot}, at);
    }

    static bool is_unset(const M& slot) {
        if constexpr (std::is_pointer_v<M>)
            return !slot;
        else if constexpr (is_optional<M>)
            return !slot.has_value();
        else
            return false;
    }

    static bool is_zero(const M& slot) {
        if constexpr (std::is_scalar_v<M>)
            return slot == M{};
        else
            return is_unset(slot);
    }

    static json schema(Schemas& schemas) { return Type<W>::schema(schemas); }
};

/// Text inside the struct, NUL terminated; what does not fit is refused.
template <std::size_t N>
struct Slot<char[N], Deduced> {
    static constexpr bool nullable = false;

    static Expected<void> decode(char (&slot)[N], const json& j, const Path& at) {
        auto text = c_text(j, at);
        if (!text)
            return fail(text);
        if (text->size() >= N)
            return refuse(at, Fault::too_long, "at most " + std::to_string(N - 1) + " bytes");
        // All of it, so that nothing of a longer text stays behind a shorter one.
        std::memset(slot, 0, N);
        std::memcpy(slot, text->data(), text->size());
        return {};
    }

    static Expected<json> encode(const char (&slot)[N], const Path& at) {
        return Type<std::string>::encode(std::string(slot, strnlen(slot, N)), at);
    }

    static bool is_unset(const char (&slot)[N]) { return slot[0] == '\0'; }

    static bool is_zero(const char (&slot)[N]) { return is_unset(slot); }

    static json schema(Schemas&) { return {{"type", "string"}, {"maxLength", N - 1}}; }
};

/// A language code inside a struct. Existing clients send longer tags ("de_DE", of which the first
/// two letters count) and empty ones (which leave the member unset).
template <>
struct Slot<char[3], Language> {
    static constexpr bool nullable = false;

    static Expected<void> decode(char (&slot)[3], const json& j, const Path& at) {
        auto text = c_text(j, at);
        if (!text)
            return fail(text);
        if (text->size() < 2)
            return {};
        auto code = Type<Language>::decode(json(text->substr(0, 2)), at);
        if (!code)
            return fail(code);
        std::memcpy(slot, code->c_str(), sizeof slot);
        return {};
    }

    static Expected<json> encode(const char (&slot)[3], const Path& at) {
        return Slot<char[3]>::encode(slot, at);
    }

    static bool is_unset(const char (&slot)[3]) { return slot[0] == '\0'; }

    static bool is_zero(const char (&slot)[3]) { return is_unset(slot); }

    static json schema(Schemas& schemas) { return Type<Language>::schema(schemas); }
};

} // namespace pep::marshal
