// Headings, tables and examples; the prose comes from the map and its types.
#include "rpc/reference.hpp"

#include "rpc/binding.hpp"
#include "rpc/error.hpp"
#include "rpc/example.hpp"
#include "rpc/json_writer.hpp"

#include <set>

namespace pep::rpc {
namespace {

using Rows = std::vector<PageWriter::Row>;

/// New clients neither send nor get lengths, so the page says whose they are.
std::string_view direction_text(Direction direction) {
    switch (direction) {
    case Direction::in:
        return "in";
    case Direction::out:
        return "out";
    case Direction::inout:
        return "in and out";
    case Direction::in_length:
        return "length (old dialect only, ignored)";
    case Direction::out_length:
        return "length (old dialect only)";
    case Direction::hidden:
        break;
    }
    return "";
}

/// Anchors become parts of addresses, in which a blank would have to be escaped.
std::string slug(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == ' ' ? '-' : c;
    return out;
}

/// Functions have their bare names as anchors; the prefixes keep topics and types apart from them.
std::string topic_anchor(std::string_view title) { return "topic-" + slug(title); }

std::string type_anchor(std::string_view name) { return "type-" + std::string(name); }

/// What a legacy slot is called: a length has no name of its own.
std::string slot_name(const Param& p, std::string_view before) {
    return p.direction == Direction::in_length || p.direction == Direction::out_length
               ? "length of " + std::string(before)
               : std::string(p.name);
}

/// `[id1, id2, lang, words, length of words, full]` and what comes back, last output first.
void write_legacy_shape(PageWriter& page, const Function& f) {
    std::string in;
    std::string out;
    std::string_view before;
    const auto put = [](std::string& list, const std::string& item, bool in_front) {
        const char* separator = list.empty() ? "" : ", ";
        list = in_front ? item + separator + list : list + separator + item;
    };
    for (const Param& p : f.parameters()) {
        if (p.direction == Direction::hidden)
            continue;
        const auto name = slot_name(p, before);
        put(in, name, /*in_front=*/false);
        // A length that C tells is an output of its own in this dialect.
        if (p.is_output() || p.direction == Direction::out_length)
            put(out, name, /*in_front=*/true);
        before = p.name;
    }
    page.paragraph(Rich{"Old dialect: params "}
                       .code("[" + in + "]")
                       .add(", a placeholder for each that is not in; outParams ")
                       .code("[" + out + "]")
                       .add("."));
}

/// The map's own texts, not read and written again: they are laid out for people.
void write_example(PageWriter& page, const Function& f) {
    const auto sample = read_example(f);
    if (!sample)
        return;
    const std::string method = R"("method": )" + to_text(json(f.name));
    page.paragraph(Rich{}.strong("Example.").add(" ").add(f.sample.title).add("."));
    page.block(
        R"({"jsonrpc": "2.0", "id": 1, )" + method + R"(, "params": )" +
        std::string(f.sample.params) + "}"
    );
    page.block(R"({"jsonrpc": "2.0", "id": 1, "result": )" + std::string(f.sample.result) + "}");
    // Old clients cannot call it, so there is no such form of the example.
    if (!includes(f.dialects, Dialect::legacy))
        return;
    page.paragraph("The same in the old dialect:");
    // One value a line: nothing else tells them apart, as they bear no names.
    std::string params;
    for (const auto& value : legacy_example_params(f, *sample))
        params += (params.empty() ? "" : ",\n  ") + to_text(value);
    page.block(
        R"({"jsonrpc": "2.0", "id": 1, "security_token": "…", )" + method + R"(, "params": [)" +
        (params.empty() ? "" : "\n  ") + params + "]}"
    );
}

/// One page in the making. What it is made from outlives it.
class Reference {
  public:
    Reference(PageWriter& page, const std::vector<MapView>& maps, const ReferenceFrame& frame)
        : page_(&page), maps_(&maps), frame_(&frame) {
        // Contents and links need all types before the first function is written.
        for (const auto& map : maps)
            for (const auto& f : map.functions) { // makes the types known
                f.return_schema(schemas_);
                for (const Param& p : f.parameters())
                    if (p.schema)
                        p.schema(schemas_);
            }
    }

    void write() {
        page_->heading(1, frame_->title, "top");
        for (const auto prose : frame_->introduction)
            page_->paragraph(prose);
        write_contents();
        for (const auto& map : *maps_) {
            page_->heading(2, map.title, topic_anchor(map.title));
            for (const auto& f : map.functions)
                write_function(f);
        }
        page_->heading(2, "Types", "types");
        for (const auto& [name, schema] : schemas_.definitions().items())
            write_type(name, schema);
        write_errors();
        write_limits();
    }

  private:
    /// One line for each topic with links to its functions, then types, errors and limits.
    void write_contents() {
        std::vector<Rich> items;
        for (const auto& map : *maps_) {
            Rich item;
            item.link(map.title, topic_anchor(map.title)).add(":");
            // Views of names in the maps, which stay.
            std::set<std::string_view> seen; // shapes of one name are found from the first one
            for (const auto& f : map.functions)
                if (seen.insert(f.name).second)
                    item.add(" ").link(f.name, f.name);
            items.push_back(std::move(item));
        }
        // Types are in the order in which the functions first need them.
        Rich types;
        types.link("Types", "types").add(":");
        for (const auto& [name, schema] : schemas_.definitions().items())
            types.add(" ").link(name, type_anchor(name));
        items.push_back(std::move(types));
        items.push_back(Rich{}.link("Errors", "errors"));
        if (!frame_->limits.empty())
            items.push_back(Rich{}.link("Limits", "limits"));
        page_->list(items);
    }

    /// Linked if it is described on this page.
    [[nodiscard]] Rich type_name(std::string_view name) const {
        return schemas_.definitions().contains(std::string(name))
                   ? Rich{}.link(name, type_anchor(name))
                   : Rich{name};
    }

    /// A schema in a few words. Of a choice its first form is told, or null, as or_null() makes it.
    [[nodiscard]] Rich type_of(const json& schema) const {
        if (schema.contains("$ref")) {
            const auto& target = schema["$ref"].get_ref<const std::string&>();
            return type_name(target.substr(target.rfind('/') + 1));
        }
        if (schema.contains("items"))
            return Rich{"array of "}.append(type_of(schema["items"]));
        if (schema.contains("anyOf"))
            return type_of(schema["anyOf"][0]).add(" or null");
        return Rich{schema.value("type", "any")};
    }

    /// One function in full. Its examples and old shapes stand here, not in a chapter of their own.
    void write_function(const Function& f) {
        // Shapes of one name follow each other, and an anchor must be unique.
        const bool is_new = anchors_.insert(std::string(f.name)).second;
        const auto anchor =
            is_new ? std::string(f.name)
                   : std::string(f.name) + "-" + std::to_string(f.legacy_count()) + "-" +
                         (includes(f.dialects, Dialect::modern) ? "modern" : "legacy");
        page_->heading(3, f.name, anchor);
        page_->paragraph(f.doc);
        write_standing(f);
        Rows rows;
        // The name of the parameter a length belongs to.
        std::string_view before;
        for (const Param& p : f.parameters()) {
            if (p.direction == Direction::hidden)
                continue;
            // The name alone: the types have a chapter of their own.
            Rich type = type_name(p.type);
            if (has(p.options, Option::nullable))
                type.add(" or null");
            rows.push_back({slot_name(p, before), direction_text(p.direction), type, p.doc});
            before = p.name;
        }
        if (!rows.empty())
            page_->table({"parameter", "direction", "type", "meaning"}, rows);
        if (includes(f.dialects, Dialect::legacy))
            write_legacy_shape(*page_, f);
        write_example(*page_, f);
    }

    /// Who may call it, by which name, and what comes back.
    void write_standing(const Function& f) {
        if (f.dialects == Dialect::legacy) {
            page_->paragraph("For old clients only.");
            if (f.is_overload)
                page_->paragraph("An older shape, told from the others by the number of params.");
        } else {
            // As error hints spell it: a question mark stands behind what may be left out.
            Rich signature;
            signature.code(signature_text(f)).add(" → ").append(type_name(f.return_type));
            page_->paragraph(signature);
        }
        if (f.dialects == Dialect::modern)
            page_->paragraph("Not in the old dialect in this shape.");
        if (f.is_deprecated)
            page_->paragraph("Deprecated: of no use to new clients.");
        for (std::string_view alias : f.aliases)
            if (!alias.empty())
                page_->paragraph(Rich{"Old name: "}.code(alias).add("."));
        for (const Policy* policy : f.policies)
            if (policy)
                page_->paragraph(policy->doc);
    }

    /// The members of a struct, or those of an object that is a type by itself.
    void write_members(const json& properties) {
        Rows rows;
        for (const auto& [name, property] : properties.items())
            rows.push_back({name, type_of(property), property.value("description", "")});
        page_->table({"member", "type", "meaning"}, rows);
    }

    /// Enumerators, from what enum_schema() writes beside `enum`.
    void write_values(const json& schema) {
        Rows rows;
        for (std::size_t i = 0; i < schema["enum"].size(); ++i)
            rows.push_back(
                {schema["enum"][i].dump(),
                 schema["x-enum-varnames"][i].get<std::string>(),
                 schema["x-enum-descriptions"][i].get<std::string>()}
            );
        page_->table({"value", "name", "meaning"}, rows);
    }

    /// Bits of a set, from what flags_schema() writes beside the integer.
    void write_bits(const json& bits) {
        Rows rows;
        for (const auto& bit : bits)
            rows.push_back(
                {bit["value"].dump(),
                 bit["name"].get<std::string>(),
                 bit["description"].get<std::string>()}
            );
        page_->table({"bit", "name", "meaning"}, rows);
    }

    /// A type under its own heading, each of its forms in turn if it has several.
    void write_type(const std::string& name, const json& schema) {
        page_->heading(3, name, type_anchor(name));
        page_->paragraph(schema.value("description", ""));
        write_shape(schema);
        if (schema.contains("anyOf"))
            for (const auto& choice : schema["anyOf"]) {
                page_->paragraph("One form: " + choice.value("description", ""));
                write_shape(choice);
            }
    }

    /// Items, values, bits and members, whichever of them the schema has.
    void write_shape(const json& schema) {
        if (schema.contains("items"))
            page_->paragraph(Rich{"An "}.append(type_of(schema)).add("."));
        if (schema.contains("enum"))
            write_values(schema);
        if (schema.contains("x-bits"))
            write_bits(schema["x-bits"]);
        if (!schema.contains("properties"))
            return;
        write_members(schema["properties"]);
        // An enumeration that is an object on the wire has its values one level down.
        for (const auto& [member, property] : schema["properties"].items())
            if (property.contains("enum"))
                write_values(property);
    }

    /// With the old dialect's code beside: it answers some errors with the number of others.
    void write_errors() {
        page_->heading(2, "Errors", "errors");
        Rows rows;
        for (const auto& kind : error_kinds())
            rows.push_back(
                {std::to_string(kind.code),
                 std::to_string(kind.http_status),
                 kind.reason,
                 kind.text,
                 kind.hint,
                 std::to_string(visible_code(kind.code, Dialect::legacy))}
            );
        page_->table({"code", "HTTP", "reason", "text", "what to do", "old dialect"}, rows);
    }

    void write_limits() {
        if (frame_->limits.empty())
            return;
        page_->heading(2, "Limits", "limits");
        page_->paragraph("Defaults; `status` and `x-limits` in `/openrpc.json` tell those in force."
        );
        Rows rows;
        for (const auto& [name, value] : frame_->limits.items())
            rows.push_back({name, value.dump()});
        page_->table({"limit", "default"}, rows);
    }

    PageWriter* page_;
    const std::vector<MapView>* maps_;
    const ReferenceFrame* frame_;
    marshal::Schemas schemas_;
    std::set<std::string> anchors_;
};

} // namespace

void write_reference(
    PageWriter& page, const std::vector<MapView>& maps, const ReferenceFrame& frame
) {
    Reference{page, maps, frame}.write();
}

} // namespace pep::rpc
