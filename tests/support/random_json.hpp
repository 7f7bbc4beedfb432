// Random JSON shaped by a schema: mostly right, sometimes wrong on purpose.
#pragma once

#include "marshal/json.hpp"

#include <random>
#include <string>

namespace pep::test {

class RandomJson {
  public:
    RandomJson(const json& definitions, unsigned seed) : definitions_(definitions), random_(seed) {}

    /// `wildness` in percent: how often a value ignores its schema.
    json make(const json& schema, unsigned wildness, int depth = 0) {
        if (below(100) < wildness)
            return anything();
        if (schema.contains("$ref")) {
            const auto& target = schema["$ref"].get_ref<const std::string&>();
            return make(definitions_[target.substr(target.rfind('/') + 1)], wildness, depth + 1);
        }
        if (schema.contains("anyOf"))
            return make(schema["anyOf"][below(schema["anyOf"].size())], wildness, depth + 1);
        if (schema.contains("enum"))
            return schema["enum"][below(schema["enum"].size())];
        const std::string type = schema.value("type", "any");
        if (type == "boolean")
            return below(2) == 1;
        if (type == "integer")
            return json(static_cast<std::int64_t>(below(300)));
        if (type == "string")
            return text();
        if (type == "array")
            return array(schema, wildness, depth);
        if (type == "object")
            return object(schema, wildness, depth);
        return nullptr;
    }

    unsigned below(std::size_t n) { return static_cast<unsigned>(random_() % n); }

  private:
    json array(const json& schema, unsigned wildness, int depth) {
        json made = json::array();
        for (unsigned n = depth > 8 ? 0 : below(4); n > 0; --n)
            made.push_back(make(schema.value("items", json::object()), wildness, depth + 1));
        return made;
    }

    json object(const json& schema, unsigned wildness, int depth) {
        json made = json::object();
        if (schema.contains("properties"))
            for (const auto& [name, property] : schema["properties"].items())
                if (depth < 8 && below(3) > 0)
                    made[name] = make(property, wildness, depth + 1);
        return made;
    }

    json text() {
        static const char* const texts[] = {
            "", "de", "SGFsbG8=", "a@x.test", "Zoë", "long text", "QUJD", "\"\\/"};
        return texts[below(std::size(texts))];
    }

    json anything() {
        switch (below(9)) {
        case 0:
            return nullptr;
        case 1:
            return -1;
        case 2:
            return json(18446744073709551615U);
        case 3:
            return std::string("a\0b", 3);
        case 4:
            return json::array({json::array({1}), "OP"});
        case 5:
            return json::object({{"address", 7}, {"mood", "glad"}});
        case 6:
            return true;
        case 7:
            return 3.9;
        default:
            return text();
        }
    }

    json definitions_;
    std::mt19937 random_;
};

} // namespace pep::test
