// Text in its several meanings: C strings going in and out, and tags for strings that are more than
// text (base64, language codes, secrets). Input is UTF-8 without U+0000, or the call is refused;
// output is checked as well, because a reply must be valid JSON whatever the C library handed out.
#pragma once

#include "base/secret.hpp"
#include "marshal/type.hpp"

#include <string>
#include <string_view>

namespace pep::marshal {

/// The text of a JSON string that may become a C string.
Expected<std::string_view> c_text(const json& j, const Path& at);

/// A copy in malloc memory, with a NUL behind it.
Expected<Owned<char>> duplicate(std::string_view bytes, const Path& at);

/// The bytes that a base64 string stands for, in malloc memory with a NUL behind them.
Expected<Owned<char>> decode_base64(const json& j, const Path& at, std::size_t& size);

/// Checked UTF-8 as JSON; NULL becomes null.
Expected<json> encode_text(const char* text, const Path& at);

/// A string C only reads.
template <>
struct Type<const char*> {
    using Holder = std::string;
    static constexpr std::string_view name = "String";

    static Expected<Holder> decode(const json& j, const Path& at);
    static Expected<Holder> take(json& j, const Path& at); ///< moves the text out of the document

    static const char* get(const Holder& text) { return text.c_str(); }

    static std::size_t bytes(const Holder& text) { return text.size(); }

    static Expected<json> encode(const char* text, const Path& at) { return encode_text(text, at); }

    static json schema(Schemas&) { return {{"type", "string"}}; }
};

/// A string that changes hands: malloc memory.
template <>
struct Type<char*> {
    using Holder = Owned<char>;
    static constexpr std::string_view name = "String";

    static Expected<Holder> decode(const json& j, const Path& at);

    static char* get(Holder& text) { return text.get(); }

    static Expected<json> encode(const char* text, const Path& at) { return encode_text(text, at); }

    static json schema(Schemas&) { return {{"type", "string"}}; }
};

/// Text of C++ functions. U+0000 is allowed: nothing cuts it here.
template <>
struct Type<std::string> {
    using Holder = std::string;
    static constexpr std::string_view name = "String";

    static Expected<Holder> decode(const json& j, const Path& at);

    static const std::string& get(const Holder& text) { return text; }

    static std::size_t bytes(const Holder& text) { return text.size(); }

    static Expected<json> encode(const std::string& text, const Path& at);

    static json schema(Schemas&) { return {{"type", "string"}}; }
};

/// Tag: bytes behind a `const char*` and a length, base64 on the wire. As a parameter it is
/// followed by InLength (in) or OutLength (out).
struct Base64 {
    const char* data = nullptr;
    std::size_t size = 0;

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator const char*() const noexcept { return data; }
};

template <>
struct Type<Base64> {
    using Holder = std::string;
    static constexpr std::string_view name = "BinaryString";

    static Expected<Holder> decode(const json& j, const Path& at);

    static Base64 get(const Holder& bytes) { return {bytes.data(), bytes.size()}; }

    static std::size_t bytes(const Holder& bytes) { return bytes.size(); }

    static Expected<json> encode(const Base64& bytes, const Path& at);
    static json schema(Schemas&);
};

/// Tag: an ISO 639-1 code. Two letters of either case come in, two lower-case letters reach C.
struct Language {
    const char* code = nullptr;

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator const char*() const noexcept { return code; }
};

template <>
struct Type<Language> {
    using Holder = std::string;
    static constexpr std::string_view name = "Language";

    static Expected<Holder> decode(const json& j, const Path& at);

    static Language get(const Holder& code) { return {code.c_str()}; }

    static Expected<json> encode(const Language& code, const Path& at) {
        return encode_text(code.code, at);
    }

    static json schema(Schemas&);
};

/// Tag: a passphrase. Wiped in the document and afterwards; can come in, never go out.
struct SecretText {
    const char* text = nullptr;

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator const char*() const noexcept { return text; }
};

template <>
struct Type<SecretText> {
    using Holder = Secret;
    static constexpr std::string_view name = "String";

    static Expected<Holder> decode(const json& j, const Path& at);
    static Expected<Holder> take(json& j, const Path& at); ///< wipes the source

    static SecretText get(const Holder& secret) { return {secret.c_str()}; }

    static std::size_t bytes(const Holder& secret) { return secret.size(); }

    static json schema(Schemas&);
};

/// Any JSON at all, handed over as it is; for functions of C++ that speak JSON themselves.
template <>
struct Type<json> {
    using Holder = json;
    static constexpr std::string_view name = "Any";

    static Expected<Holder> decode(const json& j, const Path&) { return j; }

    static const json& get(const Holder& j) { return j; }

    static Expected<json> encode(const json& j, const Path&) { return j; }

    static json schema(Schemas&) { return json::object(); }
};

/// Any JSON, ignored: a slot that old clients fill and nobody reads.
struct Placeholder {};

template <>
struct Type<Placeholder> {
    using Holder = Placeholder;
    static constexpr std::string_view name = "Any";

    static Expected<Holder> decode(const json&, const Path&) { return Placeholder{}; }

    static Placeholder get(const Holder&) { return {}; }

    static json schema(Schemas&) { return json::object(); }
};

} // namespace pep::marshal
