// References are followed a few steps only: the document may be anything.
#include "client/document.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pep::client {

namespace {

/// References may go in a circle.
constexpr int most_steps = 16;

/// What resolved() and methods() refer to where there is nothing.
const Json& empty_object() {
    static const Json object = Json::object();
    return object;
}

const Json& empty_list() {
    static const Json list = Json::array();
    return list;
}

/// What may be null is described by anyOf, with this as one choice.
bool is_null_schema(const Json& schema) { return text_of(schema, "type") == "null"; }

/// Levenshtein's distance, without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
    // Letters to change, add or leave out, for each beginning of b.
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        // One row of the table is kept; this is the value left above the present one.
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (to_lower(a[i]) == to_lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

} // namespace

const Json* member(const Json& object, std::string_view name) {
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(std::string{name});
    return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* name) {
    const auto* found = member(object, name);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

const Json& Document::methods() const {
    const auto* list = member(root_, "methods");
    return list != nullptr && list->is_array() ? *list : empty_list();
}

const Json* Document::method(std::string_view name) const {
    for (const auto& each : methods())
        if (text_of(each, "name") == name)
            return &each;
    return nullptr;
}

std::vector<std::string> Document::method_names() const {
    std::vector<std::string> names;
    for (const auto& each : methods())
        names.push_back(text_of(each, "name"));
    return names;
}

const Json* Document::parameter(const Json& method, std::string_view name) {
    const auto* list = member(method, "params");
    if (list == nullptr || !list->is_array())
        return nullptr;
    for (const auto& each : *list)
        if (text_of(each, "name") == name)
            return &each;
    return nullptr;
}

const Json* Document::behind(std::string_view reference) const {
    // A JSON Pointer (RFC 6901) into this document; names of components need no escapes.
    if (!reference.starts_with("#/"))
        return nullptr;
    const auto* place = &root_;
    for (const auto step : split(reference.substr(2), '/'))
        if (place = member(*place, step); place == nullptr)
            return nullptr;
    return place;
}

const Json& Document::resolved(const Json& schema) const {
    const auto* found = &schema;
    for (int step = 0; step < most_steps && found != nullptr; ++step) {
        // What stands beside a reference does not tell how a value is written.
        if (const auto reference = text_of(*found, "$ref"); !reference.empty()) {
            found = behind(reference);
            continue;
        }
        const auto* choices = member(*found, "anyOf");
        if (choices == nullptr || !choices->is_array())
            return *found;
        // Of several kinds the first one: any other value can still be given as JSON.
        const auto real = std::ranges::find_if_not(*choices, is_null_schema);
        found = real == choices->end() ? nullptr : &*real;
    }
    // It leads nowhere: then a value has to be given as JSON.
    return empty_object();
}

bool Document::is_nullable(const Json& schema) const {
    const auto* choices = member(schema, "anyOf");
    // Not resolved: the choice of null stands outside of the reference.
    return choices != nullptr && std::ranges::any_of(*choices, is_null_schema);
}

bool Document::is_secret(const Json& schema) const {
    // The word of OpenAPI for a text that must not be shown.
    return text_of(resolved(schema), "format") == "password";
}

Shape Document::shape(const Json& schema) const {
    const auto& real = resolved(schema);
    const auto type = text_of(real, "type");
    // contentEncoding is the word of JSON Schema for bytes in a text.
    if (type == "string")
        return text_of(real, "contentEncoding") == "base64" ? Shape::base64 : Shape::text;
    constexpr std::pair<std::string_view, Shape> shapes[]{
        {"integer", Shape::integer},
        {"number", Shape::number},
        {"boolean", Shape::boolean},
        {"object", Shape::object},
        {"array", Shape::array},
    };
    for (const auto& [name, shape] : shapes)
        if (type == name)
            return shape;
    // No type, or a list of them.
    return Shape::anything;
}

std::string Document::type_name(const Json& schema) const {
    // Not resolved at once: the name of a component says more than its shape.
    const auto* named = &schema;
    if (const auto* choices = member(schema, "anyOf"); choices != nullptr)
        if (const auto real = std::ranges::find_if_not(*choices, is_null_schema);
            real != choices->end())
            named = &*real;
    if (const auto reference = text_of(*named, "$ref"); !reference.empty())
        return reference.substr(reference.rfind('/') + 1);
    switch (shape(*named)) {
    case Shape::text:
        return "text";
    case Shape::base64:
        return "base64";
    case Shape::integer:
    case Shape::number:
        return "number";
    case Shape::boolean:
        return "true or false";
    case Shape::object:
        return "object";
    case Shape::array:
        if (const auto* items = member(*named, "items"); items != nullptr && !items->empty())
            return "list of " + type_name(*items);
        return "list";
    case Shape::anything:
        break;
    }
    return "anything";
}

std::vector<std::string>
near_names(std::string_view name, const std::vector<std::string>& candidates) {
    // Every third letter may be wrong. A part counts from four letters on: shorter ones are in too
    // many names.
    constexpr std::size_t most = 3, long_part = 4;
    const std::size_t tolerance = std::max<std::size_t>(2, name.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const auto& each : candidates) {
        const auto errors = distance(name, each);
        const bool contains =
            name.size() >= long_part && to_lower(each).find(to_lower(name)) != std::string::npos;
        if (errors <= tolerance)
            found.emplace_back(errors, each);
        else if (contains)
            // Behind all that are near by their letters.
            found.emplace_back(tolerance + errors, each);
    }
    // Equally near ones stay in the order of the document.
    std::ranges::stable_sort(found, {}, [](const auto& each) { return each.first; });
    std::vector<std::string> names;
    for (auto& [errors, each] : found)
        if (names.size() < most)
            names.push_back(std::move(each));
    return names;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
    const auto names = near_names(name, candidates);
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text.append(
                i == 0                  ? " Did you mean "
                : i + 1 == names.size() ? " or "
                                        : ", "
        )
            .append(names[i]);
    return text.empty() ? text : text + "?";
}

} // namespace pep::client
