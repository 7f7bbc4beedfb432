// Tables in Markdown; the prose comes from the map and its types.
#include "rpc/reference.hpp"

#include "rpc/binding.hpp"
#include "rpc/error.hpp"

namespace pep::rpc {
namespace {

/// A table cell: '|' would end it.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string_view direction_text(Direction direction) {
    switch (direction) {
    case Direction::in:
        return "in";
    case Direction::out:
        return "out";
    case Direction::inout:
        return "in and out";
    case Direction::in_length:
        return "length (old clients only, ignored)";
    case Direction::out_length:
        return "length (old clients only)";
    case Direction::hidden:
        break;
    }
    return "";
}

void write_function(std::string& out, const Function& f) {
    out += "### " + std::string(f.name) + "\n\n" + std::string(f.doc) + "\n\n";
    if (f.dialects == Dialect::legacy)
        out += "For old clients only.\n\n";
    else
        out += "`" + signature_text(f) + "` → " + std::string(f.return_type) + "\n\n";
    for (std::string_view alias : f.aliases)
        if (!alias.empty())
            out += "Old name: `" + std::string(alias) + "`.\n\n";
    for (const Policy* policy : f.policies)
        if (policy)
            out += std::string(policy->doc) + "\n\n";
    bool head = false;
    for (const Param& p : f.parameters()) {
        if (p.direction == Direction::hidden)
            continue;
        if (!head)
            out += "| parameter | direction | type | meaning |\n|---|---|---|---|\n";
        head = true;
        out += "| " + std::string(p.name) + " | " + std::string(direction_text(p.direction)) +
               " | " + std::string(p.type) + (has(p.options, Option::nullable) ? " or null" : "") +
               " | " + cell(p.doc) + " |\n";
    }
    out += head ? "\n" : "";
}

std::string type_text(const json& schema) {
    if (schema.contains("$ref")) {
        const auto& target = schema["$ref"].get_ref<const std::string&>();
        return target.substr(target.rfind('/') + 1);
    }
    if (schema.contains("items"))
        return "array of " + type_text(schema["items"]);
    if (schema.contains("anyOf"))
        return type_text(schema["anyOf"][0]) + " or null";
    return schema.contains("type") ? schema["type"].get<std::string>() : "any";
}

void write_rows(std::string& out, const json& properties) {
    out += "| member | type | meaning |\n|---|---|---|\n";
    for (const auto& [name, property] : properties.items())
        out += "| " + name + " | " + type_text(property) + " | " +
               cell(property.value("description", "")) + " |\n";
    out += "\n";
}

void write_values(std::string& out, const json& schema) {
    out += "| value | name | meaning |\n|---|---|---|\n";
    for (std::size_t i = 0; i < schema["enum"].size(); ++i)
        out += "| " + schema["enum"][i].dump() + " | " +
               schema["x-enum-varnames"][i].get<std::string>() + " | " +
               cell(schema["x-enum-descriptions"][i].get<std::string>()) + " |\n";
    out += "\n";
}

void write_type(std::string& out, const std::string& name, const json& schema) {
    out += "### " + name + "\n\n" + schema.value("description", "") + "\n\n";
    if (schema.contains("items"))
        out += "An " + type_text(schema) + ".\n\n";
    if (schema.contains("enum"))
        write_values(out, schema);
    if (schema.contains("x-bits")) {
        out += "| bit | name | meaning |\n|---|---|---|\n";
        for (const auto& bit : schema["x-bits"])
            out += "| " + bit["value"].dump() + " | " + bit["name"].get<std::string>() + " | " +
                   cell(bit["description"].get<std::string>()) + " |\n";
        out += "\n";
    }
    if (!schema.contains("properties"))
        return;
    write_rows(out, schema["properties"]);
    for (const auto& [member, property] : schema["properties"].items())
        if (property.contains("enum"))
            write_values(out, property);
}

} // namespace

std::string make_reference(const std::vector<MapView>& maps, std::string_view title) {
    std::string out = "# " + std::string(title) + "\n\n";
    marshal::Schemas schemas;
    for (const auto& map : maps) {
        out += "## " + std::string(map.title) + "\n\n";
        for (const auto& f : map.functions) {
            write_function(out, f);
            f.return_schema(schemas); // makes the types known
            for (const Param& p : f.parameters())
                if (p.schema)
                    p.schema(schemas);
        }
    }
    out += "## Types\n\n";
    for (const auto& [name, schema] : schemas.definitions().items())
        write_type(out, name, schema);
    out += "## Errors\n\n| code | HTTP | reason | text | what to do |\n|---|---|---|---|---|\n";
    for (const auto& kind : error_kinds())
        out += "| " + std::to_string(kind.code) + " | " + std::to_string(kind.http_status) + " | " +
               std::string(kind.reason) + " | " + std::string(kind.text) + " | " + cell(kind.hint) +
               " |\n";
    return out;
}

} // namespace pep::rpc
