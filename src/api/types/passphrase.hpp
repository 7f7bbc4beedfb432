// A passphrase coming in: bounded, wiped in the request, never going out.
#pragma once

#include "marshal/text_types.hpp"

#include <cstddef>

namespace pep::api {

/// More is refused: what the engine silently cut would unlock nothing.
inline constexpr std::size_t most_passphrase_bytes = 1000;

/// Tag: a passphrase as a Secret, borrowed for the call.
struct PassphraseText {
    const Secret* secret = nullptr;

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator const Secret&() const noexcept { return *secret; }
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Type<api::PassphraseText> {
    using Holder = Secret;
    static constexpr std::string_view name = "String";

    static Expected<Holder> decode(const json& j, const Path& at);
    static Expected<Holder> take(json& j, const Path& at); ///< wipes the source

    static api::PassphraseText get(const Holder& secret) { return {&secret}; }

    static json schema(Schemas& schemas);
};

} // namespace pep::marshal
