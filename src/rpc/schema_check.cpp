// type, enum, minimum, maximum, maxLength, properties, required, additionalProperties, items,
// anyOf, $ref.
#include "rpc/schema_check.hpp"

#include "marshal/lent.hpp"

#include <cstdint>

namespace pep::rpc {
namespace {

class Checker {
  public:
    explicit Checker(const json& definitions) : definitions_(&definitions) {}

    // NOLINTNEXTLINE(misc-no-recursion): as deep as the schema's types nest
    std::optional<std::string>
    check(const json& value, const json& schema, const std::string& at) const {
        // What stands beside a reference describes, but does not constrain.
        if (schema.contains("$ref")) {
            const auto& target = schema["$ref"].get_ref<const std::string&>();
            const std::string name = target.substr(target.rfind('/') + 1);
            if (!definitions_->contains(name))
                return at + ": no definition of " + name;
            return check(value, (*definitions_)[name], at);
        }
        // Which choice was meant is not known, so neither is which of the differences counts.
        if (schema.contains("anyOf")) {
            for (const auto& choice : schema["anyOf"])
                if (!check(value, choice, at))
                    return {};
            return at + ": anyOf";
        }
        if (schema.contains("type") && !has_type(value, schema["type"].get<std::string>()))
            return at + ": type";
        if (schema.contains("enum") && !is_listed(value, schema["enum"]))
            return at + ": enum";
        if (value.is_number_integer() && !in_range(value, schema))
            return at + ": range";
        // In bytes, though JSON Schema counts characters: so do the limits behind our schemas.
        if (value.is_string() && schema.contains("maxLength") &&
            value.get_ref<const std::string&>().size() > schema["maxLength"].get<std::size_t>())
            return at + ": maxLength";
        if (value.is_object())
            return check_object(value, schema, at);
        if (value.is_array() && schema.contains("items"))
            for (std::size_t i = 0; i < value.size(); ++i)
                if (auto found = check(value[i], schema["items"], at + "/" + std::to_string(i)))
                    return found;
        return {};
    }

  private:
    /// Lent bytes are a text in the making: the writer turns them into base64.
    static bool has_type(const json& value, const std::string& type) {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && (value.is_string() || marshal::lent_bytes(value))) ||
               (type == "null" && value.is_null()) || (type == "boolean" && value.is_boolean()) ||
               (type == "integer" && value.is_number_integer());
    }

    static bool is_listed(const json& value, const json& list) {
        for (const auto& listed : list)
            if (listed == value)
                return true;
        return false;
    }

    static bool in_range(const json& value, const json& schema) {
        return (!schema.contains("minimum") || value >= schema["minimum"]) &&
               (!schema.contains("maximum") || value <= schema["maximum"]);
    }

    // NOLINTNEXTLINE(misc-no-recursion)
    std::optional<std::string>
    check_object(const json& value, const json& schema, const std::string& at) const {
        if (schema.contains("required"))
            for (const auto& name : schema["required"])
                if (!value.contains(name.get<std::string>()))
                    return at + "/" + name.get<std::string>() + ": required";
        // Without `properties` every member is one that the schema does not name.
        static const json nothing = json::object();
        const json& properties = schema.contains("properties") ? schema["properties"] : nothing;
        for (const auto& [name, member] : value.items()) {
            const std::string place = at + "/" + name;
            auto found = properties.contains(name) ? check(member, properties[name], place)
                                                   : check_other(member, schema, place);
            if (found)
                return found;
        }
        return {};
    }

    /// A member the schema does not name.
    // NOLINTNEXTLINE(misc-no-recursion)
    std::optional<std::string>
    check_other(const json& member, const json& schema, const std::string& at) const {
        const auto rule = schema.find("additionalProperties");
        if (rule == schema.end() || *rule == true)
            return {};
        if (rule->is_object())
            return check(member, *rule, at);
        return at + ": additionalProperties";
    }

    const json* definitions_;
};

} // namespace

std::optional<std::string>
find_difference(const json& value, const json& schema, const json& definitions) {
    return Checker{definitions}.check(value, schema, "");
}

} // namespace pep::rpc
