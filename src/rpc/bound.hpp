// One argument during one call: Bound<annotation, C parameter type>. It owns its value from load()
// until the reply is made; pass() lends it to C, result() reads it back.
#pragma once

#include "marshal/type.hpp"
#include "rpc/annotations.hpp"
#include "rpc/call.hpp"

#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace pep::rpc {

struct Function;

/// The description of parameter `index`.
const Param& param_of(const Function& f, std::size_t index);

/// One parameter of the call. Each form below has `direction`, load(), which may fail, and pass().
/// As it needs, it has reset(), called before every try, result() for what goes out, and owner().
template <class P, class A>
struct Bound {
    static_assert(
        !std::same_as<P, P>,
        "not an annotation: use In, Out, InOut, InLength, OutLength, FromContext, Hidden or "
        "Constant"
    );
};

namespace detail {

/// Decode the value of a parameter into its holder; non-values leave the holder empty.
template <class W>
Expected<void> load_value(
    typename marshal::Type<W>::Holder& holder, const Function& f, std::size_t index, Arguments& in
) {
    const Param& param = param_of(f, index);
    const ParamPath path{in, param, index};
    switch (admit(in, param, index)) {
    case Admission::use_nothing:
        return {};
    case Admission::refuse:
        return marshal::refuse(path.at(), marshal::Fault::missing, "a value");
    case Admission::decode:
        break;
    }
    json& source = *in.slots[index];
    auto value =
        in.keep ? marshal::Type<W>::decode(source, path.at()) : marshal::take<W>(source, path.at());
    if (!value) {
        // An old client's dummy of the wrong type stands for nothing, like the others.
        if (is_tolerated(value.error(), in, param, path))
            return {};
        return fail(value);
    }
    holder = std::move(*value);
    if (!in.keep)
        source = nullptr; // what C holds now need not be kept as JSON as well
    return {};
}

/// Decodes an argument again before a further try, if C got hold of it in the try before.
template <class W>
class Again {
  public:
    using Holder = typename marshal::Type<W>::Holder;

    /// Where the value came from; it stays there only if `in.keep`.
    void remember(const Function& f, std::size_t index, Arguments& in) {
        function_ = &f;
        index_ = index;
        in_ = in.keep ? &in : nullptr;
    }

    void lent() noexcept { is_lent_ = true; }

    /// Only what C was given can have changed.
    [[nodiscard]] bool is_due() const noexcept { return in_ != nullptr && is_lent_; }

    void load(Holder& holder) {
        is_lent_ = false;
        // Frees what is there before there is a second one.
        holder = Holder{};
        // It could be decoded before, so only memory can be missing.
        if (!load_value<W>(holder, *function_, index_, *in_))
            throw std::bad_alloc{};
    }

  private:
    const Function* function_ = nullptr; // borrowed for the call, like the arguments
    std::size_t index_ = 0;
    Arguments* in_ = nullptr;
    bool is_lent_ = false;
};

/// For what C only reads: the value is needed once, however often the call is tried.
template <class W>
Expected<void> load_once(
    typename marshal::Type<W>::Holder& holder, const Function& f, std::size_t index, Arguments& in
) {
    // For this parameter alone: others of the same call may have to be kept.
    const bool keep = std::exchange(in.keep, false);
    auto loaded = load_value<W>(holder, f, index, in);
    in.keep = keep;
    return loaded;
}

/// Frees what a function handed out. Pointers to const are only lent to us.
template <class W>
void release(W& value) {
    if constexpr (std::is_pointer_v<W>) {
        using T = std::remove_pointer_t<W>;
        if constexpr (!std::is_const_v<T>) {
            static_assert(
                marshal::Releasable<T>, "this C type has no Release<>: say how it is freed"
            );
            // Frees it here, in the one way this type has.
            const marshal::Owned<T> last_owner{value};
        }
    }
    // Plain values, too: a further try finds its outputs as the first one did.
    value = W{};
}

/// What a function handed out, with an owner that frees it; null if it needs none.
template <class W>
std::shared_ptr<void> owner_of(W& value) {
    if constexpr (std::is_pointer_v<W>) {
        using T = std::remove_pointer_t<W>;
        if constexpr (!std::is_const_v<T> && marshal::Releasable<T>)
            return std::make_shared<marshal::Owned<T>>(std::exchange(value, nullptr));
    }
    return nullptr;
}

/// A value of C type C as its wire type W: a tag wraps it.
template <class W, class C>
Expected<json> encode_as(const C& value, const marshal::Path& at) {
    if constexpr (std::same_as<W, C>)
        return marshal::Type<W>::encode(value, at);
    else
        return marshal::Type<W>::encode(W{value}, at);
}

} // namespace detail

template <class T, class A>
struct Bound<In<T>, A> {
    using W = marshal::or_deduced<T, std::remove_cvref_t<A>>;
    static_assert(marshal::Named<W>, "this C type has no Type<>: describe it in src/api/types");
    static_assert(marshal::Readable<W>, "values of this type cannot come in: Type<> lacks decode");
    using Wire = marshal::Type<W>;
    static constexpr Direction direction = Direction::in;
    /// C may write behind a pointer to non-const, so a further try needs a fresh value.
    static constexpr bool is_changeable =
        std::is_pointer_v<A> && !std::is_const_v<std::remove_pointer_t<A>>;

    typename Wire::Holder holder{};
    detail::Again<W> again;

    Expected<void> load(CallContext&, const Function& f, std::size_t index, Arguments& in) {
        if constexpr (is_changeable) {
            again.remember(f, index, in);
            return detail::load_value<W>(holder, f, index, in);
        } else {
            return detail::load_once<W>(holder, f, index, in);
        }
    }

    void reset() {
        if (again.is_due())
            again.load(holder);
    }

    decltype(auto) pass() {
        again.lent();
        return Wire::get(holder);
    }

    /// For an InLength behind this parameter.
    [[nodiscard]] std::size_t bytes() const requires requires(const typename Wire::Holder& h) {
        Wire::bytes(h);
    }

    { return Wire::bytes(holder); }
};

template <class T, class A>
struct Bound<Out<T>, A> {
    static_assert(std::is_pointer_v<A>, "Out needs a C parameter that points to the result");
    using C = std::remove_pointer_t<A>;
    using W = marshal::or_deduced<T, C>;
    static_assert(marshal::Named<W>, "this C type has no Type<>: describe it in src/api/types");
    static_assert(marshal::Writable<W>, "values of this type cannot go out: Type<> lacks encode");
    using Wire = marshal::Type<W>;
    static constexpr Direction direction = Direction::out;

    C value{};
    std::size_t size = 0; ///< told by an OutLength behind it

    Bound() = default;
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;

    ~Bound() { reset(); }

    Expected<void> load(CallContext&, const Function&, std::size_t, Arguments&) { return {}; }

    /// Outputs of a try that is repeated are freed.
    void reset() { detail::release(value); }

    A pass() { return &value; }

    Expected<json> result(const marshal::Path& at) {
        // The tag takes both; without the count, bytes would end at the first NUL.
        if constexpr (requires { W{value, size}; }) // bytes with a count
            return Wire::encode(W{value, size}, at);
        else
            return detail::encode_as<W>(value, at);
    }

    /// What result() may have lent, handed over.
    std::shared_ptr<void> owner() { return detail::owner_of(value); }
};

template <class T, class A>
struct Bound<InOut<T>, A> {
    static_assert(std::is_pointer_v<A>, "InOut needs a C parameter that points to the value");
    /// C changes the object and leaves the pointer alone; else it may put another one there.
    static constexpr bool in_place = std::same_as<T, Deduced> && marshal::Named<A>;
    using C = std::conditional_t<in_place, A, std::remove_pointer_t<A>>;
    using W = marshal::or_deduced<T, C>;
    static_assert(marshal::Named<W>, "this C type has no Type<>: describe it in src/api/types");
    static_assert(
        marshal::Readable<W> && marshal::Writable<W>,
        "InOut needs a type that can come in and go out: Type<> lacks decode or encode"
    );
    using Wire = marshal::Type<W>;
    static constexpr Direction direction = Direction::inout;

    typename Wire::Holder holder{};
    C slot{}; ///< what C sees by address; owned here, as C may replace it
    detail::Again<W> again;

    Bound() = default;
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;

    ~Bound() {
        // In place, the holder has owned it all the time.
        if constexpr (!in_place)
            detail::release(slot);
    }

    Expected<void> load(CallContext&, const Function& f, std::size_t index, Arguments& in) {
        again.remember(f, index, in);
        auto loaded = detail::load_value<W>(holder, f, index, in);
        if (loaded)
            fill_slot();
        return loaded;
    }

    /// The holder lets go of what travels by address: C may free it and put another in its place.
    void fill_slot() {
        if constexpr (!in_place) {
            if constexpr (std::is_pointer_v<C>)
                slot = holder.release();
            else
                // Numbers and enumerations: C writes into a copy of them.
                slot = static_cast<C>(Wire::get(holder));
        }
    }

    void reset() {
        if (!again.is_due())
            return;
        if constexpr (!in_place)
            detail::release(slot);
        // From the document, which still has the value: `in.keep` was set for this.
        again.load(holder);
        fill_slot();
    }

    A pass() {
        again.lent();
        if constexpr (in_place)
            return Wire::get(holder);
        else
            return &slot;
    }

    Expected<json> result(const marshal::Path& at) {
        if constexpr (in_place)
            return Wire::encode(Wire::get(holder), at);
        else
            return detail::encode_as<W>(slot, at);
    }

    std::shared_ptr<void> owner() {
        if constexpr (in_place)
            // Pointers into the object stay right: it is its owner that moves, not the object.
            return std::make_shared<typename Wire::Holder>(std::move(holder));
        else
            // What C left there by now, which need not be what it was given.
            return detail::owner_of(slot);
    }
};

/// What needs nothing from the client.
struct Unbound {
    Expected<void> load(CallContext&, const Function&, std::size_t, Arguments&) { return {}; }
};

template <class A>
struct Bound<InLength, A> : Unbound {
    static_assert(
        marshal::Named<A> && std::is_integral_v<A>, "InLength needs an integer parameter"
    );
    static constexpr Direction direction = Direction::in_length;
    /// Set once all arguments are loaded.
    A value{};

    A pass() { return value; }
};

template <class A>
struct Bound<OutLength, A> : Unbound {
    static_assert(std::is_pointer_v<A>, "OutLength needs a C parameter that points to an integer");
    using C = std::remove_pointer_t<A>;
    static_assert(std::is_integral_v<C>, "OutLength needs a C parameter that points to an integer");
    static constexpr Direction direction = Direction::out_length;
    C value{};

    A pass() { return &value; }

    void reset() { value = 0; }

    // Of the old dialect only; the new one sees the length in the value.
    Expected<json> result(const marshal::Path&) { return json(value); }
};

template <class A>
struct Bound<Hidden, A> : Unbound {
    static constexpr Direction direction = Direction::hidden;

    // NULL, 0 or false, whatever A is.
    A pass() { return A{}; }
};

template <auto Value, class A>
struct Bound<Constant<Value>, A> : Unbound {
    static_assert(
        std::convertible_to<decltype(Value), A>, "the constant does not fit the parameter"
    );
    static constexpr Direction direction = Direction::hidden;

    A pass() { return static_cast<A>(Value); }
};

template <class T, class A>
struct Bound<FromContext<T>, A> {
    static_assert(std::convertible_to<T, A>, "the context's value does not fit the C parameter");
    static constexpr Direction direction = Direction::hidden;
    std::optional<T> value;

    Expected<void> load(CallContext& context, const Function&, std::size_t, Arguments&) {
        // May make it, an engine session for instance, and may fail at that.
        Expected<T> found = FromContext<T>::get(context);
        if (!found)
            return fail(found);
        value = std::move(*found);
        return {};
    }

    A pass() { return *value; }
};

template <>
struct Bound<Context, CallContext&> {
    static constexpr Direction direction = Direction::hidden;
    /// Borrowed: a context is neither copied nor owned by a call.
    CallContext* context = nullptr;

    Expected<void> load(CallContext& c, const Function&, std::size_t, Arguments&) {
        context = &c;
        return {};
    }

    CallContext& pass() { return *context; }
};

} // namespace pep::rpc
