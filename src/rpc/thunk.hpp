// The code the compiler makes per function: load all arguments, call, collect the outputs. Whatever
// does not depend on the signature lives in call.cpp.
#pragma once

#include "marshal/cpp_types.hpp"
#include "marshal/enums.hpp"
#include "marshal/fields.hpp"
#include "marshal/lists.hpp"
#include "rpc/bound.hpp"

#include <tuple>

namespace pep::rpc {

/// One try of the C call with loaded arguments; may be repeated: outputs of the try before are
/// freed, and what it changed in place is again as the client gave it. Returns the function's own
/// result if that is a number or enumeration (a status), else 0.
class Attempt {
  public:
    virtual long long operator()() = 0;

  protected:
    Attempt() = default;
    Attempt(const Attempt&) = default;
    Attempt& operator=(const Attempt&) = default;
    ~Attempt() = default;
};

/// Behaviour around calls, as a column of the map: `static constexpr Policy retry{"retry", "…",
/// &f};`
struct Policy {
    std::string_view name, doc;
    Expected<void> (*run)(CallContext&, const Function&, Attempt&);
    /// Whether this call might need a second try; keeping the arguments for one costs memory. Null:
    /// always.
    bool (*may_repeat)(CallContext&) = nullptr;
};

/// Whether one of the function's policies might repeat this call.
bool may_repeat(const Function& f, CallContext& context);

/// The attempt, wrapped in the function's policies.
Expected<void> run(const Function& f, CallContext& context, Attempt& attempt);

/// A function type as a value, from which result and parameters can be deduced.
template <class T>
struct Signature;

namespace detail {

template <class R, class... A>
consteval Signature<R(A...)> signature_of(R (*)(A...)) {
    return {};
}

template <class R, class... A>
// noexcept is a part of the type: without this, such functions would be no functions.
consteval Signature<R(A...)> signature_of(R (*)(A...) noexcept) {
    return {};
}

/// A function pointer is itself; a lambda without captures becomes one.
template <class F>
consteval auto as_pointer(F callable) {
    if constexpr (std::is_pointer_v<F>)
        return callable;
    else
        return +callable;
}

} // namespace detail

template <class R, class... A>
struct Signature<R(A...)> {};

/// The return value of one call: kept, described and brought on the wire.
template <class R>
struct ResultOf {
    using W = std::remove_cvref_t<R>;
    static_assert(
        marshal::Named<W>, "this return type has no Type<>: describe it in src/api/types"
    );
    static_assert(marshal::Writable<W>, "values of this type cannot go out: Type<> lacks encode");
    static constexpr std::string_view name = marshal::Type<W>::name;

    std::optional<W> value;

    ResultOf() = default;
    ResultOf(const ResultOf&) = delete;
    ResultOf& operator=(const ResultOf&) = delete;

    ~ResultOf() { reset(); }

    template <class F>
    void call(F&& f) {
        reset();
        value.emplace(f());
    }

    /// What C handed out is freed, so that a further try does not leak it.
    void reset() {
        if (value)
            detail::release(*value);
        value.reset();
    }

    [[nodiscard]] long long status() const {
        if constexpr (std::is_enum_v<W> || std::is_integral_v<W>)
            return static_cast<long long>(*value);
        else
            return 0;
    }

    /// Fails when the function broke its promise, e.g. with text that is no UTF-8: an error of this
    /// server, not of the caller.
    Expected<void> store(Reply& reply, const marshal::Path& at) {
        auto encoded = marshal::Type<W>::encode(*value, at);
        if (!encoded)
            return tl::make_unexpected(internal_error(std::move(encoded.error())));
        reply.value = std::move(*encoded);
        return {};
    }

    static json schema(marshal::Schemas& schemas) {
        // Any pointer may be NULL.
        json made = marshal::Type<W>::schema(schemas);
        return std::is_pointer_v<W> ? marshal::or_null(std::move(made)) : made;
    }
};

template <>
struct ResultOf<void> {
    static constexpr std::string_view name = "Void";

    template <class F>
    void call(F&& f) {
        f();
    }

    [[nodiscard]] long long status() const { return 0; }

    Expected<void> store(Reply&, const marshal::Path&) { return {}; }

    static json schema(marshal::Schemas&) { return {{"type", "null"}}; }
};

/// A C++ function that may fail: the error answers the call.
template <class T>
struct ResultOf<Expected<T>> {
    static constexpr std::string_view name = ResultOf<T>::name;
    std::optional<Expected<T>> value;

    template <class F>
    void call(F&& f) {
        value.emplace(f());
    }

    [[nodiscard]] long long status() const {
        if constexpr (std::is_enum_v<T>)
            return *value ? static_cast<long long>(**value) : 0;
        else
            return 0;
    }

    Expected<void> store(Reply& reply, const marshal::Path& at) {
        if (!*value)
            return fail(*value);
        if constexpr (std::is_void_v<T>) {
            return {};
        } else {
            ResultOf<T> good;
            good.value.emplace(std::move(**value));
            return good.store(reply, at);
        }
    }

    static json schema(marshal::Schemas& schemas) { return ResultOf<T>::schema(schemas); }
};

/// A C++ function that answers later.
template <class T>
struct ResultOf<Later<T>> {
    static constexpr std::string_view name = ResultOf<T>::name;
    Later<T> value;

    template <class F>
    void call(F&& f) {
        value = f();
    }

    [[nodiscard]] long long status() const { return 0; }

    Expected<void> store(Reply& reply, const marshal::Path&) {
        reply.deferred = std::move(value);
        return {};
    }

    static json schema(marshal::Schemas& schemas) { return ResultOf<T>::schema(schemas); }
};

namespace detail {

/// Tell a length what it is the length of.
template <std::size_t I, class... P, class Args>
void measure(Args& args) {
    using Annotated = std::tuple_element_t<I, std::tuple<P...>>;
    if constexpr (std::same_as<Annotated, InLength>) {
        static_assert(I > 0, "InLength follows the parameter it measures");
        static_assert(
            requires { std::get<I - 1>(args).bytes(); },
            "InLength follows a text or binary parameter"
        );
        auto& length = std::get<I>(args).value;
        length =
            static_cast<std::remove_reference_t<decltype(length)>>(std::get<I - 1>(args).bytes());
    }
    if constexpr (std::same_as<Annotated, OutLength>) {
        static_assert(
            I > 0 && requires { std::get<I - 1>(args).size; }, "OutLength follows an Out parameter"
        );
    }
}

template <std::size_t I, class... P, class Args>
Expected<void> collect(Args& args, const Function& f, Reply& reply, const marshal::Path& out) {
    using Annotated = std::tuple_element_t<I, std::tuple<P...>>;
    // Lengths of inputs, hidden parameters and the like have no result.
    auto& bound = std::get<I>(args);
    if constexpr (requires { bound.result(out); }) {
        if constexpr (I + 1 < sizeof...(P)) {
            using After = std::tuple_element_t<I + 1, std::tuple<P...>>;
            if constexpr (std::same_as<After, OutLength>)
                // C has told it in the next parameter; these bytes cannot be encoded without.
                bound.size = std::get<I + 1>(args).value;
        }
        const Param& param = param_of(f, I);
        auto value = bound.result(out.field(param.name));
        if (!value)
            return tl::make_unexpected(internal_error(std::move(value.error())));
        reply.outputs.push_back({param.name, std::move(*value), std::same_as<Annotated, OutLength>}
        );
        // Encoding may have lent bytes to the document: their owner leaves with the reply.
        if constexpr (requires { bound.owner(); })
            if (auto owner = bound.owner())
                reply.owners.push_back(std::move(owner));
    }
    return {};
}

/// What the map says about one parameter.
template <class B, class P>
constexpr Param describe(const P& annotation) {
    Param param;
    param.direction = B::direction;
    if constexpr (std::derived_from<P, Annotation>) {
        param.name = annotation.name;
        param.doc = annotation.doc;
        param.options = annotation.options;
        param.type = B::Wire::name;
        param.schema = &B::Wire::schema;
    } else if constexpr (B::direction != Direction::hidden) {
        // A length: nothing describes it, but the legacy function table has a type for everything.
        param.type = "Integer";
    }
    return param;
}

} // namespace detail

template <auto Fn, class S, class... P>
struct Thunk;

template <auto Fn, class R, class... A, class... P>
struct Thunk<Fn, Signature<R(A...)>, P...> {
    using Args = std::tuple<Bound<P, A>...>;

    static Expected<Reply> call(CallContext& context, const Function& f, Arguments& in) {
        return invoke(context, f, in, std::index_sequence_for<A...>{});
    }

  private:
    template <std::size_t... I>
    /// All there is of one call. It goes when the reply is made, but for what that took over.
    struct Once final : Attempt {
        Args args;
        ResultOf<R> result;

        /// Arguments are made new first: C may have changed or replaced them in the try before.
        long long operator()() override {
            (reset(std::get<I>(args)), ...);
            result.call([&]() -> R { return Fn(std::get<I>(args).pass()...); });
            return result.status();
        }

        template <class B>
        static void reset([[maybe_unused]] B& bound) {
            if constexpr (requires { bound.reset(); })
                bound.reset();
        }
    };

    template <std::size_t... I>
    static Expected<Reply>
    invoke(CallContext& context, const Function& f, Arguments& in, std::index_sequence<I...>) {
        Once<I...> once; // owns every argument and the result
        in.keep = may_repeat(f, context);
        // In C order, the session in front: that it cannot be made is told before any wrong value.
        Expected<void> done;
        if (!((done = std::get<I>(once.args).load(context, f, I, in)).has_value() && ...))
            return fail(done);
        (detail::measure<I, P...>(once.args), ...);
        if (done = run(f, context, once); !done)
            return fail(done);

        Reply reply;
        const marshal::Path root;
        // Outputs can be handed over with the reply. What was returned cannot: it goes with `once`,
        // so nothing of it may be lent.
        const marshal::Path lending = marshal::Path::lending();
        if (done = once.result.store(reply, root.field("return")); !done)
            return fail(done);
        // Unused when nothing goes out.
        [[maybe_unused]] const marshal::Path out = lending.field("out");
        if (!((done = detail::collect<I, P...>(once.args, f, reply, out)).has_value() && ...))
            return fail(done);
        return reply;
    }
};

} // namespace pep::rpc
