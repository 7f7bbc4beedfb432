// The function map: one entry per C function gives dispatch, schema, reference and legacy table.
// The C signature supplies the types; one annotation per C parameter supplies what the signature
// cannot say: direction, name, sense, and a tag where the wire form differs from the C type.
//
//     constexpr FunctionMap key_functions{"Keys",
//         function<&import_key>("import_key", "Add keys to the key store.",
//             Session{},                                       // FromContext<PEP_SESSION>
//             In<Base64>{"key_data", "armored or binary keys"},
//             InLength{},                                      // byte count of "key_data"
//             Out{"imported", "identities of the secret keys added"})
//             .with(retry_passphrase),
//     };
//
// Everything is constexpr data; what is wrong with an entry is a compile error that says so.
#pragma once

#include "rpc/thunk.hpp"

#include <array>
#include <concepts>
#include <span>
#include <string_view>

namespace pep::rpc {

inline constexpr std::size_t max_policies = 2;
inline constexpr std::size_t max_aliases = 2;

/// A call as clients can copy it. In the result a string that ends in "…" stands for all strings
/// that begin like it.
struct Example {
    std::string_view title;  ///< what it shows
    std::string_view params; ///< JSON: inputs by name
    std::string_view result; ///< JSON: `{"return":…,"out":{…}}`
};

/// One entry of the map.
struct Function {
    using Call = Expected<Reply> (*)(CallContext&, const Function&, Arguments&);

    std::string_view name, doc;
    std::array<Param, max_params> params{};
    std::size_t count = 0; ///< of params, hidden ones included
    std::string_view return_type;
    json (*return_schema)(marshal::Schemas&) = nullptr;
    Call call = nullptr;
    std::array<const Policy*, max_policies> policies{};
    std::array<std::string_view, max_aliases> aliases{};
    Dialect dialects = Dialect::both;
    bool is_cheap = false;
    bool is_slow = false;
    bool is_overload = false;
    bool is_deprecated = false;
    Example sample; ///< its title is empty if there is none

    /// Behaviour around the call; the first one given is the outermost.
    [[nodiscard]] constexpr Function with(const Policy& policy) const;

    /// Another name for old clients; legacy dialect only.
    [[nodiscard]] constexpr Function alias(std::string_view old_name) const;

    /// Takes microseconds and never blocks: may run on the event loop's thread.
    [[nodiscard]] constexpr Function cheap() const {
        Function f = *this;
        f.is_cheap = true;
        return f;
    }

    /// May take seconds, as making a key does: such calls leave a worker to the others.
    [[nodiscard]] constexpr Function slow() const {
        Function f = *this;
        f.is_slow = true;
        return f;
    }

    [[nodiscard]] constexpr Function legacy_only() const {
        Function f = *this;
        f.dialects = Dialect::legacy;
        return f;
    }

    [[nodiscard]] constexpr Function modern_only() const {
        Function f = *this;
        f.dialects = Dialect::modern;
        return f;
    }

    /// An older shape of a function of the same name, told apart by the number of parameters;
    /// legacy dialect only.
    [[nodiscard]] constexpr Function overload() const {
        Function f = legacy_only();
        f.is_overload = true;
        return f;
    }

    /// Still there, but of no use to a new client.
    [[nodiscard]] constexpr Function deprecated() const {
        Function f = *this;
        f.is_deprecated = true;
        return f;
    }

    /// A call for the documents; a test executes it.
    [[nodiscard]] constexpr Function example(const Example& shown) const;

    [[nodiscard]] constexpr std::span<const Param> parameters() const {
        return std::span{params}.first(count);
    }

    /// Elements of `params` in the legacy dialect: everything but what is hidden.
    [[nodiscard]] constexpr std::size_t legacy_count() const {
        std::size_t n = 0;
        for (const Param& p : parameters())
            n += p.direction != Direction::hidden;
        return n;
    }

    [[nodiscard]] constexpr bool answers_to(std::string_view n, Dialect dialect) const {
        if (!includes(dialects, dialect))
            return false;
        if (n == name)
            return true;
        for (std::string_view a : aliases)
            if (dialect == Dialect::legacy && !a.empty() && n == a)
                return true;
        return false;
    }
};

// Not constexpr, and never defined: reaching one of them while the map is built is a compile error
// whose text names the fault.
void every_function_needs_a_name_and_a_description();
void every_parameter_needs_a_name_and_a_description();
void two_parameters_share_a_name();
void two_functions_share_a_name();
void too_many_policies_or_aliases();
void an_example_is_a_title_and_two_json_objects();

constexpr Function Function::with(const Policy& policy) const {
    Function f = *this;
    for (auto& slot : f.policies)
        if (!slot) {
            slot = &policy;
            return f;
        }
    too_many_policies_or_aliases();
    return f;
}

constexpr Function Function::alias(std::string_view old_name) const {
    Function f = *this;
    for (auto& slot : f.aliases)
        if (slot.empty()) {
            slot = old_name;
            return f;
        }
    too_many_policies_or_aliases();
    return f;
}

constexpr Function Function::example(const Example& shown) const {
    const auto is_object = [](std::string_view text) {
        return text.starts_with('{') && text.ends_with('}');
    };
    if (shown.title.empty() || !is_object(shown.params) || !is_object(shown.result))
        an_example_is_a_title_and_two_json_objects();
    Function f = *this;
    f.sample = shown;
    return f;
}

/// True if some call could mean either of them.
constexpr bool conflict(const Function& a, const Function& b) {
    const auto share = [](const Function& one, const Function& other, Dialect dialect) {
        if (!includes(one.dialects, dialect))
            return false;
        if (other.answers_to(one.name, dialect))
            return true;
        for (std::string_view alias : one.aliases)
            if (dialect == Dialect::legacy && !alias.empty() && other.answers_to(alias, dialect))
                return true;
        return false;
    };
    if (share(a, b, Dialect::modern))
        return true;
    const bool told_apart =
        (a.is_overload || b.is_overload) && a.legacy_count() != b.legacy_count();
    return share(a, b, Dialect::legacy) && !told_apart;
}

namespace detail {

constexpr void check_params(const Function& f) {
    if (f.name.empty() || f.doc.empty())
        every_function_needs_a_name_and_a_description();
    for (std::size_t i = 0; i < f.count; ++i) {
        const Param& p = f.params[i];
        if ((p.is_input() || p.is_output()) && (p.name.empty() || p.doc.empty()))
            every_parameter_needs_a_name_and_a_description();
        for (std::size_t k = 0; k < i; ++k)
            if (!p.name.empty() && p.name == f.params[k].name)
                two_parameters_share_a_name();
    }
}

template <auto Pointer, class R, class... A, class... P>
consteval Function
make_function(Signature<R(A...)>, std::string_view name, std::string_view doc, const P&... p) {
    if constexpr (sizeof...(A) != sizeof...(P)) {
        static_assert(
            sizeof...(A) == sizeof...(P), "write one annotation per C parameter, in C order"
        );
        return {};
    } else {
        static_assert(sizeof...(P) <= max_params, "raise max_params in rpc/call.hpp");
        using Result = ResultOf<R>;
        Function f;
        f.name = name;
        f.doc = doc;
        f.params = {describe<Bound<P, A>>(p)...};
        f.count = sizeof...(P);
        f.return_type = Result::name;
        f.return_schema = &Result::schema;
        f.call = &Thunk<Pointer, Signature<R(A...)>, P...>::call;
        check_params(f);
        return f;
    }
}

} // namespace detail

/// An entry for a C function, a C++ function, or a lambda without captures.
template <auto Callable, class... P>
consteval Function function(std::string_view name, std::string_view doc, P... annotations) {
    constexpr auto pointer = detail::as_pointer(Callable);
    return detail::make_function<pointer>(detail::signature_of(pointer), name, doc, annotations...);
}

/// A map without its size: what dispatcher and documents work on.
struct MapView {
    std::string_view title;
    std::span<const Function> functions;
};

/// The functions of one topic, in the order of the documentation.
template <std::size_t N>
struct FunctionMap {
    std::string_view title;
    std::array<Function, N> entries;

    consteval FunctionMap(std::string_view t, std::same_as<Function> auto... f)
        : title(t), entries{f...} {
        if (title.empty())
            every_function_needs_a_name_and_a_description();
        for (std::size_t i = 0; i < N; ++i)
            for (std::size_t k = 0; k < i; ++k)
                if (conflict(entries[i], entries[k]))
                    two_functions_share_a_name();
    }

    [[nodiscard]] constexpr auto begin() const { return entries.begin(); }

    [[nodiscard]] constexpr auto end() const { return entries.end(); }

    // NOLINTNEXTLINE(google-explicit-constructor): a map is its view
    constexpr operator MapView() const { return {title, entries}; }
};

template <class... F>
FunctionMap(const char*, F...) -> FunctionMap<sizeof...(F)>;

} // namespace pep::rpc
