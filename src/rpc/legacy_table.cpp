// The globals of the original's table, in its order and with its numbers.
#include "rpc/legacy_table.hpp"

#include "rpc/json_writer.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace pep::rpc {
namespace {

/// Pages refer to these by name, so names and numbers are those of the original.
constexpr std::string_view head =
    "var Direction = { In:1, Out:2, InOut:3 };\n"
    "var Type = { Blob:10, String:20, StringList:25, Message:30, PEP_color:50, PEP_enc_format:51, "
    "PEP_STATUS:59, Uint16:80, Session:90 };\n\n";

/// Pages know three directions. A length is to them an Integer that goes in or comes out.
std::string_view direction_name(Direction direction) {
    switch (direction) {
    case Direction::in:
    case Direction::in_length:
        return "In";
    case Direction::out:
    case Direction::out_length:
        return "Out";
    case Direction::inout:
        return "InOut";
    case Direction::hidden:
        break;
    }
    return "";
}

/// What is hidden is left out: pages draw a field for every parameter listed.
json describe(const Function& f, std::string_view name) {
    json params = json::array();
    for (const Param& p : f.parameters())
        if (p.direction != Direction::hidden)
            params.push_back({{"direction", direction_name(p.direction)}, {"type", p.type}});
    return {{"name", name}, {"return", f.return_type}, {"params", params}, {"separator", false}};
}

/// A function under one of its names, until it has found its place.
struct Entry {
    std::string_view map;
    std::string_view name;
    json value;
    bool is_placed = false;
};

/// All names that old clients can call, in the order of the maps.
std::vector<Entry> entries_of(const std::vector<MapView>& maps) {
    std::vector<Entry> all;
    // Of several shapes of a function the first one is the newest; the test page cannot tell more.
    std::set<std::string_view> seen;
    const auto add = [&](const MapView& map, const Function& f, std::string_view name) {
        if (!name.empty() && seen.insert(name).second)
            all.push_back({map.title, name, describe(f, name)});
    };
    for (const auto& map : maps)
        for (const auto& f : map.functions) {
            if (!includes(f.dialects, Dialect::legacy))
                continue;
            // To a page an old name is a function of its own.
            add(map, f, f.name);
            for (std::string_view alias : f.aliases)
                add(map, f, alias);
        }
    return all;
}

/// Headings are elements of the same array; pages tell them by `separator`.
void add_heading(json& functions, std::string_view title) {
    functions.push_back({{"name", title}, {"separator", true}});
}

void place(json& functions, Entry& entry) {
    functions.push_back(std::move(entry.value));
    entry.is_placed = true;
}

} // namespace

std::string make_legacy_table(
    const std::vector<MapView>& maps,
    std::string_view version,
    std::string_view nickname,
    std::span<const LegacyGroup> order
) {
    auto all = entries_of(maps);
    json functions = json::array();
    for (const auto& group : order) {
        add_heading(functions, group.title);
        for (std::string_view name : group.names)
            // The order is the original's: it may name functions these maps do not have.
            if (const auto found = std::ranges::find(all, name, &Entry::name); found != all.end())
                place(functions, *found);
    }
    // The others, in their own order, each topic under its title.
    std::string_view heading;
    for (auto& entry : all) {
        if (entry.is_placed)
            continue;
        if (entry.map != heading)
            add_heading(functions, heading = entry.map);
        place(functions, entry);
    }
    std::string text{head};
    // The values are JSON, which is JavaScript as well.
    const auto global = [&text](std::string_view name, const json& value) {
        text += "var ";
        text += name;
        text += " = ";
        write_json(text, value);
        text += ";\n";
    };
    global("server_version_name", nickname);
    global("server_version", version);
    // Pages of the original read it to decide about a picture.
    global("add_sharks", false);
    global("pEp_functions", functions);
    return text;
}

} // namespace pep::rpc
