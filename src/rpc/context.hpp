// What comes with a call besides its parameters. This layer knows only who calls and in which
// dialect; the layer above derives from CallContext and hands out sessions through FromContext<>.
#pragma once

#include "base/expected.hpp"

#include <string>
#include <string_view>

namespace pep::rpc {

/// The two wire forms of a call; `both` is used where a function says in which it is visible.
enum class Dialect : unsigned char {
    modern = 1, ///< JSON-RPC 2.0, strict
    legacy = 2, ///< the envelope existing clients speak
    both = 3,
};

constexpr bool includes(Dialect set, Dialect one) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

/// Belongs to one connection and is used by one thread at a time.
class CallContext {
  public:
    CallContext() = default;
    CallContext(const CallContext&) = delete;
    CallContext& operator=(const CallContext&) = delete;
    CallContext(CallContext&&) = delete;
    CallContext& operator=(CallContext&&) = delete;
    virtual ~CallContext() = default;

    /// The name the client gave itself, "" if none. Set before each call; unauthenticated by
    /// nature.
    virtual void set_client_id(std::string_view id) { client_id_ = id; }

    [[nodiscard]] const std::string& client_id() const noexcept { return client_id_; }

    /// The token in the body proved right; called before anything else is done for the request.
    virtual void authorized() {}

  private:
    std::string client_id_;
};

/// Annotation: the server passes a T it finds in the context; not on the wire. To be specialised
/// with `static Expected<T> get(CallContext&)`, which may create T when it is first needed; a
/// failure answers the call.
template <class T>
struct FromContext;

/// The context itself, for a C++ function that takes `CallContext&`.
template <>
struct FromContext<CallContext> {};

using Context = FromContext<CallContext>;

} // namespace pep::rpc
