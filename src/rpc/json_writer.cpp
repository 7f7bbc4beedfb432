// The writer. Recursion is bounded by what wrote the document: our own types, never a client.
#include "rpc/json_writer.hpp"

#include "base/base64.hpp"
#include "marshal/lent.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace pep::rpc {
namespace {

/// What stands behind the backslash: 0 for bytes written raw, 'u' for \u00XX.
constexpr std::array<char, 256> make_escapes() {
    std::array<char, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c)
        table[c] = 'u';
    table[0x7F] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}

constexpr auto escapes = make_escapes();

/// How many of the next eight bytes need no escape, counted up to the first that does: the usual
/// case, in a few instructions.
std::size_t raw_bytes(const char* text) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = ones * 0x80U;
    std::uint64_t block = 0;
    std::memcpy(&block, text, sizeof block);
    // What equals a character becomes zero by XOR with it.
    const auto has_zero = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes & tops; };
    // A byte below 0x20 borrows its top bit; ~block leaves out those of UTF-8, which have it set.
    const std::uint64_t found = ((block - ones * 0x20U) & ~block & tops) |
                                has_zero(block ^ ones * '"') | has_zero(block ^ ones * '\\') |
                                has_zero(block ^ ones * 0x7FU);
    // A borrow may mark bytes behind the first one found, none before it.
    if constexpr (std::endian::native == std::endian::little)
        return static_cast<std::size_t>(std::countr_zero(found)) / 8;
    return found == 0 ? sizeof block : 0;
}

/// Bytes that are encoded while the reply is on its way, not before.
constexpr std::size_t late_from_bytes = std::size_t{64} << 10U;

/// Base64 in quotes: here, or in `rest` if there is one and it is worth while.
void write_bytes(std::string& out, std::string_view bytes, LongText* rest) {
    out += '"';
    if (rest && bytes.size() >= late_from_bytes) {
        // What was written so far stands before the bytes, so it goes there first.
        rest->append(std::exchange(out, {}));
        rest->append_base64(bytes);
    } else {
        // In its place at once, without a text in between.
        const std::size_t begin = out.size();
        out.resize(begin + base64_encoded_size(bytes.size()));
        base64_encode_to(bytes, out.data() + begin);
    }
    out += '"';
}

/// Members in the order they were added: it is part of what clients of the original know.
void write_object(std::string& out, const json& object, LongText* rest) {
    char separator = '{';
    for (const auto& [name, value] : object.get_ref<const json::object_t&>()) {
        out += separator;
        write_string(out, name);
        out += ':';
        write_json(out, value, rest);
        separator = ',';
    }
    // Still the bracket: there was no member.
    out += separator == '{' ? "{}" : "}";
}

void write_array(std::string& out, const json& array, LongText* rest) {
    char separator = '[';
    for (const auto& value : array) {
        out += separator;
        write_json(out, value, rest);
        separator = ',';
    }
    out += separator == '[' ? "[]" : "]";
}

} // namespace

void write_string(std::string& out, std::string_view text) {
    // Upper case, as the original writes them.
    static constexpr std::string_view digits = "0123456789ABCDEF";
    out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        // More than eight: one byte must be left for the look-up behind the loop.
        while (text.size() - i > sizeof(std::uint64_t)) {
            const std::size_t raw = raw_bytes(text.data() + i);
            i += raw;
            if (raw < sizeof(std::uint64_t))
                break;
        }
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const char escape = escapes[byte];
        if (escape == 0)
            continue;
        // Runs of bytes that need no escape are copied as a whole.
        out.append(text, begin, i - begin);
        begin = i + 1;
        out += '\\';
        out += escape;
        if (escape == 'u') {
            out += "00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    out.append(text, begin);
    out += '"';
}

void write_json(std::string& out, const json& document, LongText* rest) {
    switch (document.type()) {
    case json::value_t::object:
        return write_object(out, document, rest);
    case json::value_t::array:
        return write_array(out, document, rest);
    case json::value_t::string:
        return write_string(out, document.get_ref<const std::string&>());
    case json::value_t::binary: { // bytes, or a number as its text, see json_reader.hpp
        if (const auto bytes = marshal::lent_bytes(document))
            return write_bytes(out, *bytes, rest);
        const auto& text = document.get_binary();
        out.append(text.begin(), text.end());
        return;
    }
    case json::value_t::boolean:
        out += document.get<bool>() ? "true" : "false";
        return;
    case json::value_t::number_integer:
        out += std::to_string(document.get<std::int64_t>());
        return;
    case json::value_t::number_unsigned:
        out += std::to_string(document.get<std::uint64_t>());
        return;
    // From a function that speaks JSON itself; numbers of clients never become one.
    case json::value_t::number_float:
        out += document.dump();
        return;
    case json::value_t::null:
    case json::value_t::discarded:
        out += "null";
        return;
    }
}

std::size_t estimate_size(const json& document, bool late) {
    // The longest integer, or the quotes and separators around anything else.
    std::size_t size = 24;
    if (document.is_string())
        size += document.get_ref<const std::string&>().size();
    else if (document.is_array())
        for (const auto& value : document)
            size += estimate_size(value, late);
    else if (document.is_object())
        for (const auto& [name, value] : document.get_ref<const json::object_t&>())
            size += name.size() + estimate_size(value, late);
    // What will be encoded late takes no room in the text before.
    else if (const auto bytes = marshal::lent_bytes(document);
             bytes && (late || bytes->size() < late_from_bytes))
        size += base64_encoded_size(bytes->size());
    return size;
}

std::string to_text(const json& document) {
    std::string out;
    out.reserve(estimate_size(document));
    write_json(out, document);
    return out;
}

} // namespace pep::rpc
