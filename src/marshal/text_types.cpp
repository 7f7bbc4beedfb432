// Checks and copies of text.
#include "marshal/text_types.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"

#include <cstring>

namespace pep::marshal {
namespace {

/// Of ASCII, whatever the locale says.
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Documents from read_json() are UTF-8 already; this relies on no origin.
Expected<std::string_view> utf8_text(const json& j, const Path& at) {
    if (!j.is_string())
        return refuse(at, Fault::wrong_type, "a string");
    const std::string_view text = j.get_ref<const std::string&>();
    if (!is_utf8(text))
        return refuse(at, Fault::invalid_utf8, "UTF-8");
    return text;
}

} // namespace

Expected<std::string_view> c_text(const json& j, const Path& at) {
    auto text = utf8_text(j, at);
    // C would take what stands before it for all of the text.
    if (text && text->find('\0') != std::string_view::npos)
        return refuse(at, Fault::nul_character, "text without U+0000");
    return text;
}

Expected<Owned<char>> duplicate(std::string_view bytes, const Path& at) {
    // From malloc, because the library may free it.
    Owned<char> copy{static_cast<char*>(std::malloc(bytes.size() + 1))};
    if (!copy)
        return refuse(at, Fault::out_of_memory, "less data");
    // An empty view may point nowhere, which memcpy must not get even for no bytes.
    if (!bytes.empty())
        std::memcpy(copy.get(), bytes.data(), bytes.size());
    copy.get()[bytes.size()] = '\0';
    return copy;
}

Expected<Owned<char>> decode_base64(const json& j, const Path& at, std::size_t& size) {
    if (!j.is_string())
        return refuse(at, Fault::wrong_type, "a base64 string");
    const auto& text = j.get_ref<const std::string&>();
    // Decoded into the memory that C gets: attachments of many megabytes pass here.
    Owned<char> bytes{static_cast<char*>(std::malloc(base64_decoded_room(text.size()) + 1))};
    if (!bytes)
        return refuse(at, Fault::out_of_memory, "less data");
    const auto decoded = base64_decode_to(text, bytes.get());
    if (!decoded)
        return refuse(at, Fault::invalid_base64, "base64");
    size = *decoded;
    // Not counted: it is there for C code that takes the bytes for a text.
    bytes.get()[size] = '\0';
    return bytes;
}

// What the library hands out may come from mail and keys of strangers: one bad byte would make the
// whole reply unreadable.
Expected<json> encode_text(const char* text, const Path& at) {
    if (!text)
        return json();
    if (!is_utf8(text))
        return refuse(at, Fault::invalid_utf8, "UTF-8");
    return json(text);
}

Expected<std::string> Type<const char*>::decode(const json& j, const Path& at) {
    auto text = c_text(j, at);
    if (!text)
        return fail(text);
    return std::string(*text);
}

Expected<std::string> Type<const char*>::take(json& j, const Path& at) {
    if (auto text = c_text(j, at); !text)
        return fail(text);
    // The text itself moves, so that a big one exists once.
    return std::move(j.get_ref<std::string&>());
}

// A copy: the library will own it, which no text of a document can be.
Expected<Owned<char>> Type<char*>::decode(const json& j, const Path& at) {
    auto text = c_text(j, at);
    if (!text)
        return fail(text);
    return duplicate(*text, at);
}

// U+0000 may be in it, as nothing in C++ ends there.
Expected<std::string> Type<std::string>::decode(const json& j, const Path& at) {
    auto text = utf8_text(j, at);
    if (!text)
        return fail(text);
    return std::string(*text);
}

Expected<json> Type<std::string>::encode(const std::string& text, const Path& at) {
    if (!is_utf8(text))
        return refuse(at, Fault::invalid_utf8, "UTF-8");
    return json(text);
}

Expected<std::string> Type<Base64>::decode(const json& j, const Path& at) {
    if (!j.is_string())
        return refuse(at, Fault::wrong_type, "a base64 string");
    auto bytes = base64_decode(j.get_ref<const std::string&>());
    if (!bytes)
        return refuse(at, Fault::invalid_base64, "base64");
    return std::move(*bytes);
}

Expected<json> Type<Base64>::encode(const Base64& bytes, const Path&) {
    // No bytes at all, which is not the same as none inside.
    if (!bytes.data)
        return json();
    return json(base64_encode({bytes.data, bytes.size}));
}

json Type<Base64>::schema(Schemas&) { return {{"type", "string"}, {"contentEncoding", "base64"}}; }

Expected<std::string> Type<Language>::decode(const json& j, const Path& at) {
    auto text = c_text(j, at);
    if (!text)
        return fail(text);
    if (text->size() != 2 || !is_letter((*text)[0]) || !is_letter((*text)[1]))
        return refuse(at, Fault::malformed, "a language code of two letters");
    return to_lower(*text);
}

json Type<Language>::schema(Schemas& schemas) {
    return schemas.ref(name, [](Schemas&) -> json {
        return {
            {"type", "string"},
            {"pattern", "^[A-Za-z]{2}$"},
            {"description", "language code of two letters, ISO 639-1"},
        };
    });
}

// Leaves the document as it is, which may be needed again; take() is for the last time.
Expected<Secret> Type<SecretText>::decode(const json& j, const Path& at) {
    auto text = c_text(j, at);
    if (!text)
        return fail(text);
    return Secret{*text};
}

Expected<Secret> Type<SecretText>::take(json& j, const Path& at) {
    // Wiped even if it was refused: it is the client's passphrase all the same.
    auto secret = decode(j, at);
    if (j.is_string()) {
        auto& source = j.get_ref<std::string&>();
        wipe(source.data(), source.size());
    }
    return secret;
}

json Type<SecretText>::schema(Schemas&) {
    // Forms mask such a field; no reply ever has one.
    return {{"type", "string"}, {"format", "password"}, {"writeOnly", true}};
}

} // namespace pep::marshal
