// Walks the maps; the types describe themselves.
#include "rpc/openrpc.hpp"

#include "rpc/error.hpp"
#include "rpc/example.hpp"

#include <algorithm>
#include <utility>

namespace pep::rpc {
namespace {

/// A method that is known has been found, so its request was JSON and a request.
bool can_come_from_a_method(const ErrorKind& kind) {
    return kind.code != code::parse_error && kind.code != code::invalid_request &&
           kind.code != code::method_not_found;
}

/// All rows of the table under their slugs, those too that come before a method is known.
json error_definitions() {
    json errors = json::object();
    for (const auto& kind : error_kinds())
        errors[std::string(kind.reason)] = {
            {"code", kind.code},
            {"message", kind.text},
            {"data", {{"reason", kind.reason}, {"hint", kind.hint}}}};
    return errors;
}

json error_references() {
    json references = json::array();
    for (const auto& kind : error_kinds())
        if (can_come_from_a_method(kind))
            references.push_back({{"$ref", "#/components/errors/" + std::string(kind.reason)}});
    return references;
}

/// An error object of OpenRPC has no place for it.
json http_statuses() {
    json statuses = json::object();
    for (const auto& kind : error_kinds())
        statuses[std::to_string(kind.code)] = kind.http_status;
    return statuses;
}

/// OpenRPC shows `data` of an error by an example only; this is its shape. Whatever else is left
/// out, `reason` is always there.
json error_data_schema(marshal::Schemas& /*schemas*/) {
    const auto text = [](std::string_view sense) {
        return json{{"type", "string"}, {"description", sense}};
    };
    return {
        {"type", "object"},
        {"description", "What every error has as `data`."},
        {"properties",
         {{"reason", text("a word for programs")},
          {"path", text("where in the request the fault is, as a JSON pointer")},
          {"expected", text("what should stand there")},
          {"hint", text("what to do about it")}}},
        {"required", json::array({"reason"})}};
}

/// With the title in front, which tools that generate clients name the type by.
json titled(std::string_view title, json schema) {
    if (schema.contains("$ref"))
        return schema; // the type has a title, and another one beside a reference means nothing
    json made = json::object();
    made["title"] = title;
    made.update(schema);
    return made;
}

/// A nullable parameter may be null and may be left out: the two mean the same.
json describe_param(const Param& p, marshal::Schemas& schemas) {
    const bool optional = has(p.options, Option::nullable);
    json schema = p.schema(schemas);
    if (optional)
        schema = marshal::or_null(std::move(schema));
    json param = json::object();
    param["name"] = p.name;
    param["description"] = p.doc;
    param["required"] = !optional;
    param["schema"] = titled(p.name, std::move(schema));
    return param;
}

/// The document must list optional parameters last. Where that is not the order of the array form,
/// only names are offered, although arrays are understood.
void describe_params(const Function& f, json& method, marshal::Schemas& schemas) {
    json params = json::array();
    for (const Param& p : f.parameters())
        if (p.is_input())
            params.push_back(describe_param(p, schemas));
    const auto is_required = [](const json& param) { return param["required"].get<bool>(); };
    const bool in_order = std::is_partitioned(params.begin(), params.end(), is_required);
    if (!in_order)
        // Stable, so that required and optional ones each stay in C order.
        std::stable_partition(params.begin(), params.end(), is_required);
    method["paramStructure"] = in_order ? "either" : "by-name";
    method["params"] = std::move(params);
}

/// The first sentence is the summary, the others are the description.
void describe_sense(const Function& f, json& method) {
    const auto end = f.doc.find(". ");
    method["summary"] = f.doc.substr(0, end == std::string_view::npos ? end : end + 1);
    if (end != std::string_view::npos)
        method["description"] = f.doc.substr(end + 2);
}

json describe_method(const Function& f, std::string_view title, marshal::Schemas& schemas) {
    json method = json::object();
    method["name"] = f.name;
    describe_sense(f, method);
    method["tags"] = json::array({{{"name", title}}});
    if (f.is_deprecated)
        method["deprecated"] = true;
    describe_params(f, method, schemas);
    method["result"] = {
        {"name", "result"},
        {"description", "`return` is what the function returns, `out` holds its outputs by name."},
        {"required", true},
        {"schema", titled(std::string(f.name) + "_result", result_schema(f, schemas))}};
    method["errors"] = error_references();
    // Executed by a test, so what is shown is what the server answers.
    if (const auto sample = read_example(f))
        method["examples"] = json::array({example_pairing(f, *sample)});
    return method;
}

} // namespace

json result_schema(const Function& f, marshal::Schemas& schemas) {
    json outputs = json::object();
    json names = json::array();
    for (const Param& p : f.parameters()) {
        if (!p.is_output())
            continue;
        // Any pointer a C function hands out may be NULL; lists then are [], but null is no lie.
        json schema = titled(p.name, marshal::or_null(p.schema(schemas)));
        schema["description"] = p.doc;
        outputs[std::string(p.name)] = std::move(schema);
        names.push_back(p.name);
    }
    json out = json::object();
    out["title"] = "outputs";
    out["type"] = "object";
    out["properties"] = std::move(outputs);
    out["required"] = std::move(names);
    // Closed, so that a check of replies notices an output that nobody declared.
    out["additionalProperties"] = false;
    json result = json::object();
    result["type"] = "object";
    result["properties"] = {
        {"return", titled("return", f.return_schema(schemas))}, {"out", std::move(out)}};
    result["required"] = json::array({"return", "out"});
    result["additionalProperties"] = false;
    return result;
}

json make_openrpc(const std::vector<MapView>& maps, json info, json limits, json servers) {
    marshal::Schemas schemas;
    // Before `components`: it is the description of the methods that fills `schemas`.
    json methods = json::array();
    for (const auto& map : maps)
        for (const auto& f : map.functions)
            if (includes(f.dialects, Dialect::modern))
                methods.push_back(describe_method(f, map.title, schemas));
    json error_data = schemas.ref("ErrorData", &error_data_schema);
    json document = json::object();
    document["openrpc"] = "1.3.2";
    document["info"] = std::move(info);
    if (!servers.is_null())
        document["servers"] = std::move(servers);
    document["methods"] = std::move(methods);
    document["components"] = {{"schemas", schemas.definitions()}, {"errors", error_definitions()}};
    // What clients need and OpenRPC has no member for. It leaves names with x- to everybody.
    document["x-limits"] = std::move(limits);
    document["x-error-data"] = std::move(error_data);
    document["x-http-status"] = http_statuses();
    return document;
}

} // namespace pep::rpc
