// Walks the maps; the types describe themselves.
#include "rpc/openrpc.hpp"

#include "rpc/error.hpp"

#include <utility>

namespace pep::rpc {
namespace {

json error_definitions() {
    json errors = json::object();
    for (const auto& kind : error_kinds())
        errors[std::string(kind.reason)] = {{"code", kind.code}, {"message", kind.text}};
    return errors;
}

/// The errors any method may answer with.
json error_references() {
    json references = json::array();
    for (const auto& kind : error_kinds())
        references.push_back({{"$ref", "#/components/errors/" + std::string(kind.reason)}});
    return references;
}

json describe_params(const Function& f, marshal::Schemas& schemas) {
    json params = json::array();
    for (const Param& p : f.parameters()) {
        if (!p.is_input())
            continue;
        const bool optional = has(p.options, Option::nullable);
        json schema = p.schema(schemas);
        if (optional)
            schema = marshal::or_null(std::move(schema));
        json param = json::object();
        param["name"] = p.name;
        param["description"] = p.doc;
        param["required"] = !optional;
        param["schema"] = std::move(schema);
        params.push_back(std::move(param));
    }
    return params;
}

json describe_method(const Function& f, std::string_view title, marshal::Schemas& schemas) {
    json method = json::object();
    method["name"] = f.name;
    method["summary"] = f.doc;
    method["tags"] = json::array({{{"name", title}}});
    method["paramStructure"] = "either";
    method["params"] = describe_params(f, schemas);
    method["result"] = {{"name", "result"}, {"schema", result_schema(f, schemas)}};
    method["errors"] = error_references();
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
        json schema = marshal::or_null(p.schema(schemas));
        schema["description"] = p.doc;
        outputs[std::string(p.name)] = std::move(schema);
        names.push_back(p.name);
    }
    json out = json::object();
    out["type"] = "object";
    out["properties"] = std::move(outputs);
    out["required"] = std::move(names);
    out["additionalProperties"] = false;
    json result = json::object();
    result["type"] = "object";
    result["properties"] = {{"return", f.return_schema(schemas)}, {"out", std::move(out)}};
    result["required"] = json::array({"return", "out"});
    result["additionalProperties"] = false;
    return result;
}

json make_openrpc(const std::vector<MapView>& maps, json info, json limits) {
    marshal::Schemas schemas;
    json methods = json::array();
    for (const auto& map : maps)
        for (const auto& f : map.functions)
            if (includes(f.dialects, Dialect::modern))
                methods.push_back(describe_method(f, map.title, schemas));
    json document = json::object();
    document["openrpc"] = "1.3.2";
    document["info"] = std::move(info);
    document["methods"] = std::move(methods);
    document["components"] = {{"schemas", schemas.definitions()}, {"errors", error_definitions()}};
    document["x-limits"] = std::move(limits);
    return document;
}

} // namespace pep::rpc
