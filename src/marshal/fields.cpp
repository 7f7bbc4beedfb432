// Objects and their schemas, without the C types.
#include "marshal/fields.hpp"

namespace pep::marshal::detail {

const json* find_set(const json& object, std::string_view name) {
    // An ordered object is a vector: with few members that is looked through quickly.
    for (const auto& [key, value] : object.get_ref<const json::object_t&>())
        if (key == name)
            return value.is_null() ? nullptr : &value;
    return nullptr;
}

json object_schema(std::string_view doc, json properties) {
    return {{"type", "object"}, {"description", doc}, {"properties", std::move(properties)}};
}

json property(json schema, std::string_view doc, FieldOption options) {
    schema["description"] = doc;
    if (has(options, FieldOption::output_only))
        schema["readOnly"] = true;
    if (has(options, FieldOption::input_only))
        schema["writeOnly"] = true;
    return schema;
}

} // namespace pep::marshal::detail
