// The words of the function map: what an entry says about one C parameter.
#pragma once

#include "marshal/type.hpp"
#include "rpc/call.hpp"

#include <string_view>

namespace pep::rpc {

using marshal::Deduced;

/// Name, sense and options of a parameter on the wire.
struct Annotation {
    std::string_view name, doc;
    Option options;

    constexpr Annotation(std::string_view n, std::string_view d, Option o = required)
        : name(n), doc(d), options(o) {}
};

/// The client gives it.
template <class T = Deduced>
struct In : Annotation {
    using Annotation::Annotation;
};

/// The function gives it; the C parameter is `T*`, and what it points to afterwards is ours to free
/// (a pointer to const is not).
template <class T = Deduced>
struct Out : Annotation {
    using Annotation::Annotation;
};

/// Both. `T*` with a Type<T*> is changed in place; otherwise the value travels by address, belongs
/// to the function during the call, and may come back replaced.
template <class T = Deduced>
struct InOut : Annotation {
    using Annotation::Annotation;
};

In(std::string_view, std::string_view, Option = required)->In<>;
Out(std::string_view, std::string_view, Option = required)->Out<>;
InOut(std::string_view, std::string_view, Option = required)->InOut<>;

/// The byte count of the text or binary parameter before it; counted by the server.
struct InLength {};

/// Where the function puts the byte count of the output before it.
struct OutLength {};

/// A C parameter no client should care about: NULL, 0 or false.
struct Hidden {};

/// A C parameter with a fixed value.
template <auto Value>
struct Constant {};

} // namespace pep::rpc
