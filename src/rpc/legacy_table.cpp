// The globals of the original's table, in its order and with its numbers.
#include "rpc/legacy_table.hpp"

#include "rpc/json_writer.hpp"

#include <set>

namespace pep::rpc {
namespace {

constexpr std::string_view head =
    "var Direction = { In:1, Out:2, InOut:3 };\n"
    "var Type = { Blob:10, String:20, StringList:25, Message:30, PEP_color:50, PEP_enc_format:51, "
    "PEP_STATUS:59, Uint16:80, Session:90 };\n\n";

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

json describe(const Function& f, std::string_view name) {
    json params = json::array();
    for (const Param& p : f.parameters())
        if (p.direction != Direction::hidden)
            params.push_back({{"direction", direction_name(p.direction)}, {"type", p.type}});
    return {{"name", name}, {"return", f.return_type}, {"params", params}, {"separator", false}};
}

} // namespace

std::string make_legacy_table(
    const std::vector<MapView>& maps, std::string_view version, std::string_view nickname
) {
    json functions = json::array();
    // Of several shapes of a function the first one is the newest; the test page cannot tell more.
    std::set<std::string_view> seen;
    for (const auto& map : maps) {
        json entries = json::array();
        for (const auto& f : map.functions) {
            if (!includes(f.dialects, Dialect::legacy))
                continue;
            if (seen.insert(f.name).second)
                entries.push_back(describe(f, f.name));
            for (std::string_view alias : f.aliases)
                if (!alias.empty() && seen.insert(alias).second)
                    entries.push_back(describe(f, alias));
        }
        if (entries.empty())
            continue;
        functions.push_back({{"name", map.title}, {"separator", true}});
        for (auto& entry : entries)
            functions.push_back(std::move(entry));
    }
    std::string text{head};
    const auto global = [&text](std::string_view name, const json& value) {
        text += "var ";
        text += name;
        text += " = ";
        write_json(text, value);
        text += ";\n";
    };
    global("server_version_name", nickname);
    global("server_version", version);
    global("add_sharks", false);
    global("pEp_functions", functions);
    return text;
}

} // namespace pep::rpc
