// The schema of the server's counters.
#include "api/types/server_status.hpp"

#include <initializer_list>
#include <utility>

namespace pep::marshal {

namespace {

using Members = std::initializer_list<std::pair<const char*, const char*>>;

json text(const char* sense) { return {{"type", "string"}, {"description", sense}}; }

json number(const char* sense) {
    return {{"type", "integer"}, {"minimum", 0}, {"description", sense}};
}

json numbers(const char* sense, Members members) {
    json properties = json::object();
    for (const auto& [name, meaning] : members)
        properties[name] = number(meaning);
    return {{"type", "object"}, {"description", sense}, {"properties", std::move(properties)}};
}

/// Written by hand: the daemon makes the object without a struct behind it.
json describe(Schemas& /*schemas*/) {
    json properties = json::object();
    properties["epoch"] = text("random name of this run of the server");
    properties["pid"] = number("its process");
    properties["uptime_s"] = number("seconds since it started");
    properties["connections"] =
        numbers("of HTTP", {{"open", "now"}, {"accepted", "since the start"}});
    properties["requests"] =
        numbers("of HTTP", {{"served", "handed on"}, {"refused", "answered by the gate"}});
    properties["bytes"] = numbers("of HTTP", {{"in", "received"}, {"out", "sent"}});
    properties["calls"] =
        numbers("of functions", {{"running", "this one included"}, {"queued", "waiting"}});
    properties["clients_with_settings"] = number("client_ids the server remembers");
    properties["events"] = numbers(
        "what GET /events and pollForEvents tell",
        {{"last", "number of the newest one"},
         {"kept", "for readers"},
         {"kept_bytes", "their size"},
         {"sessions", "queues"},
         {"waiting_polls", "polls without an answer yet"},
         {"streams", "readers of GET /events"},
         {"listeners", "registered event listeners"}}
    );
    properties["cached_messages"] =
        numbers("the message cache", {{"kept", "messages"}, {"bytes", "their size"}});
    properties["limits"] = {
        {"type", "object"},
        {"description", "name and value of each limit in force, see --limit"},
        {"additionalProperties", {{"type", "integer"}}}};
    properties["trustwords"] = {
        {"type", "array"},
        {"description", "the dictionaries in use"},
        {"items",
         {{"type", "object"},
          {"properties",
           {{"lang", text("language")},
            {"file", text("where it is")},
            {"sha256", text("of its words, hex digits")}}}}}};
    return {
        {"type", "object"},
        {"description", "Counters, limits and dictionaries of the server."},
        {"properties", std::move(properties)},
        {"required", json::array({"epoch", "pid", "uptime_s"})}};
}

} // namespace

json Type<api::ServerStatus>::schema(Schemas& schemas) { return schemas.ref(name, &describe); }

} // namespace pep::marshal
