// The writer. Recursion is bounded by what wrote the document: our own types, never a client.
#include "rpc/json_writer.hpp"

#include <array>
#include <cstdint>

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

void write_object(std::string& out, const json& object) {
    char separator = '{';
    for (const auto& [name, value] : object.get_ref<const json::object_t&>()) {
        out += separator;
        write_string(out, name);
        out += ':';
        write_json(out, value);
        separator = ',';
    }
    out += separator == '{' ? "{}" : "}";
}

void write_array(std::string& out, const json& array) {
    char separator = '[';
    for (const auto& value : array) {
        out += separator;
        write_json(out, value);
        separator = ',';
    }
    out += separator == '[' ? "[]" : "]";
}

} // namespace

void write_string(std::string& out, std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const char escape = escapes[byte];
        if (escape == 0)
            continue;
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

void write_json(std::string& out, const json& document) {
    switch (document.type()) {
    case json::value_t::object:
        return write_object(out, document);
    case json::value_t::array:
        return write_array(out, document);
    case json::value_t::string:
        return write_string(out, document.get_ref<const std::string&>());
    case json::value_t::binary: { // a number as its text, see json_reader.hpp
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
    case json::value_t::number_float:
        out += document.dump();
        return;
    case json::value_t::null:
    case json::value_t::discarded:
        out += "null";
        return;
    }
}

std::size_t estimate_size(const json& document) {
    std::size_t size = 24;
    if (document.is_string())
        size += document.get_ref<const std::string&>().size();
    else if (document.is_array())
        for (const auto& value : document)
            size += estimate_size(value);
    else if (document.is_object())
        for (const auto& [name, value] : document.get_ref<const json::object_t&>())
            size += name.size() + estimate_size(value);
    return size;
}

std::string to_text(const json& document) {
    std::string out;
    out.reserve(estimate_size(document));
    write_json(out, document);
    return out;
}

} // namespace pep::rpc
