// One call on its way: the parameter slots a function loads from, and the reply it makes. Plain
// data and plain functions, so that the templates of the binder stay thin.
#pragma once

#include "marshal/path.hpp"
#include "marshal/type.hpp"
#include "rpc/context.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

inline constexpr std::size_t max_params = 12;

enum class Direction : std::uint8_t {
    in,
    out,
    inout,
    in_length,  ///< byte count of the parameter before; a placeholder in the legacy dialect
    out_length, ///< byte count of the output before; an output of its own in the legacy dialect
    hidden,     ///< filled by the server, never on the wire
};

/// Properties of a parameter, to be combined.
enum class Option : std::uint8_t {
    required = 0,
    nullable = 1,          ///< null, or left out, is the type's nothing (NULL, 0, false)
    lenient_in_legacy = 2, ///< old clients send dummies here (["OP"], "O"): they count as nothing
};

constexpr Option operator|(Option a, Option b) {
    return static_cast<Option>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

constexpr bool has(Option set, Option one) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

inline constexpr Option required = Option::required;
inline constexpr Option nullable = Option::nullable;
inline constexpr Option lenient_in_legacy = Option::lenient_in_legacy;

/// One parameter as the map describes it.
struct Param {
    std::string_view name, doc, type;
    Direction direction = Direction::hidden;
    Option options = Option::required;
    json (*schema)(marshal::Schemas&) = nullptr;

    /// A value comes in, in both dialects.
    [[nodiscard]] constexpr bool is_input() const {
        return direction == Direction::in || direction == Direction::inout;
    }

    /// A value goes out under its name.
    [[nodiscard]] constexpr bool is_output() const {
        return direction == Direction::out || direction == Direction::inout;
    }
};

/// The values of one call, bound to the C parameters by index. Loading takes a value out of the
/// document, so that big data exists once, unless it has to be kept.
struct Arguments {
    Dialect dialect = Dialect::modern;
    bool by_position = false;                        ///< how paths name a parameter
    std::array<json*, max_params> slots{};           ///< nullptr: not given
    std::array<std::uint8_t, max_params> position{}; ///< index in the params array, if by position
    bool keep = false; ///< the call may be repeated: what C can change is decoded anew for each try
};

/// What the binder shall do with a slot.
enum class Admission { decode, use_nothing, refuse };

/// The rules for null, absent and dummy values.
[[nodiscard]] Admission admit(const Arguments& in, const Param& param, std::size_t index);

/// The place of a parameter, for errors. Lives on the stack while its value is decoded.
class ParamPath {
  public:
    ParamPath(const Arguments& in, const Param& param, std::size_t index);
    ParamPath(const ParamPath&) = delete;
    ParamPath& operator=(const ParamPath&) = delete;

    [[nodiscard]] const marshal::Path& at() const noexcept { return at_; }

  private:
    marshal::Path root_, params_, at_;
};

/// True if an old client's dummy failed to decode where dummies are tolerated.
[[nodiscard]] bool
is_tolerated(const Error& error, const Arguments& in, const Param& param, const ParamPath& path);

/// A result that comes later, without a thread waiting for it.
struct Deferred {
    using Done = std::function<void(Expected<json>)>;
    std::function<void(Done)> start; ///< calls Done exactly once, from any thread, perhaps at once
    std::function<Expected<json>()> now; ///< the result without waiting, for calls inside a batch
    /// The client left: Done need not be called any more. May come before start, or after Done;
    /// empty if there is nothing to give up. Any thread.
    std::function<void()> abandon;

    explicit operator bool() const noexcept { return static_cast<bool>(start); }
};

/// What a function returns to answer later with a T.
template <class T>
struct Later : Deferred {};

/// What a call gave, before a dialect brings it into its form.
struct Reply {
    struct Output {
        std::string_view name;
        json value;
        bool legacy_only = false;
    };

    json value;                  ///< return value; null for void
    std::vector<Output> outputs; ///< in C order
    Deferred deferred;           ///< set if `value` comes later

    /// Of the bytes that the values only point to, see marshal/lent.hpp.
    std::vector<std::shared_ptr<void>> owners;
};

/// An error of this server or the library behind it, not of the caller.
[[nodiscard]] Error internal_error(Error cause);

} // namespace pep::rpc
