// Enumerations without their C++ types.
#include "marshal/enums.hpp"

namespace pep::marshal {
namespace {

/// The type is named, not its values: there may be many, and the schema lists them.
std::string expected_phrase(const EnumTable& table) {
    return "a value of " + std::string(table.name);
}

/// A number that is listed, or a name with or without the prefix all of them share.
Expected<std::int64_t> decode_plain(const EnumTable& table, const json& j, const Path& at) {
    if (j.is_string()) {
        const std::string_view name = j.get_ref<const std::string&>();
        for (const auto& row : table.rows) {
            const bool with_prefix = !table.prefix.empty() && row.name.starts_with(table.prefix);
            if (row.name == name || (with_prefix && row.name.substr(table.prefix.size()) == name))
                return row.value;
        }
        return refuse(at, Fault::unknown_value, expected_phrase(table));
    }
    if (!j.is_number_integer())
        return refuse(at, Fault::wrong_type, expected_phrase(table) + ", by number or name");
    // Fails for what no enumerator can be; that is unknown, like any other number.
    const auto number = Type<std::int64_t>::decode(j, at);
    for (const auto& row : table.rows)
        if (number && row.value == *number)
            return row.value;
    return refuse(at, Fault::unknown_value, expected_phrase(table));
}

} // namespace

Expected<std::int64_t> decode_enum(const EnumTable& table, const json& j, const Path& at) {
    // The bare number or name is understood, too, whatever form goes out.
    if (table.object_key.empty() || !j.is_object())
        return decode_plain(table, j, at);
    const auto member = j.find(std::string(table.object_key));
    // As old clients expect it, whether or not 0 is listed.
    if (member == j.end())
        return 0;
    return decode_plain(table, *member, at.field(table.object_key));
}

json encode_enum(const EnumTable& table, std::int64_t value) {
    if (table.object_key.empty())
        return value;
    json object = json::object();
    object.emplace(std::string(table.object_key), value);
    return object;
}

// Numbers are what goes out; names and senses stand beside them for people and generators.
json enum_schema(const EnumTable& table) {
    json numbers = json::array();
    json names = json::array();
    json docs = json::array();
    for (const auto& row : table.rows) {
        numbers.push_back(row.value);
        names.push_back(row.name);
        docs.push_back(row.doc);
    }
    // the names beside "enum" are what generators of clients and forms commonly read
    json plain{
        {"type", "integer"},
        {"enum", std::move(numbers)},
        {"x-enum-varnames", std::move(names)},
        {"x-enum-descriptions", std::move(docs)},
    };
    if (table.object_key.empty()) {
        plain["description"] = table.doc;
        return plain;
    }
    // The form that goes out is described, not all that are understood.
    json properties = json::object();
    properties.emplace(std::string(table.object_key), std::move(plain));
    return {
        {"type", "object"},
        {"description", table.doc},
        {"properties", std::move(properties)},
        {"required", json::array({table.object_key})},
    };
}

// The bits stand beside the type: `enum` would forbid all combinations of them.
json flags_schema(const EnumTable& table, json integer) {
    json bits = json::array();
    for (const auto& row : table.rows)
        bits.push_back({{"value", row.value}, {"name", row.name}, {"description", row.doc}});
    integer["description"] = table.doc;
    integer["x-bits"] = std::move(bits);
    return integer;
}

} // namespace pep::marshal
