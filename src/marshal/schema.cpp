// Definitions by name, each made once.
#include "marshal/schema.hpp"

namespace pep::marshal {

json Schemas::ref(std::string_view name, json (*make)(Schemas&)) {
    const std::string key{name};
    if (!definitions_.contains(key)) {
        definitions_[key] = nullptr; // a type that contains itself finds its own name here
        json made{{"title", name}};
        made.update(make(*this));
        definitions_[key] = std::move(made);
    }
    return {{"$ref", prefix_ + key}};
}

json or_null(json schema) {
    return {{"anyOf", json::array({std::move(schema), {{"type", "null"}}})}};
}

} // namespace pep::marshal
