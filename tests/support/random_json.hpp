// Random JSON shaped by a schema: mostly right, sometimes wrong on purpose.
#pragma once

#include "marshal/json.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace pep::test {

class RandomJson {
  public:
    RandomJson(const json& definitions, unsigned seed) : definitions_(definitions), random_(seed) {}

    /// Texts that mean something to what is tested.
    void add_text(std::string text) { texts_.push_back(std::move(text)); }

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
            return integer(schema);
        if (type == "string")
            return text(schema);
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
                if (is_required(schema, name) || (depth < 8 && below(3) > 0))
                    made[name] = make(property, wildness, depth + 1);
        return made;
    }

    static bool is_required(const json& schema, const std::string& name) {
        if (schema.contains("required"))
            for (const auto& each : schema["required"])
                if (each == name)
                    return true;
        return false;
    }

    json integer(const json& schema) {
        constexpr std::int64_t span = 300;
        const auto least = schema.value("minimum", std::int64_t{0});
        const auto most = schema.value("maximum", std::uint64_t{span});
        const auto value = std::max<std::int64_t>(least, 0) + below(span);
        return std::cmp_less_equal(value, most) ? value : std::max<std::int64_t>(least, 0);
    }

    std::string text(const json& schema) {
        if (schema.value("contentEncoding", "") == "base64")
            return below(2) == 0 ? "SGFsbG8=" : "QUJD";
        if (schema.contains("pattern")) // there is one only, that of languages
            return below(2) == 0 ? "de" : "EN";
        auto made = text();
        const auto most = schema.value("maxLength", std::size_t{100});
        if (made.size() > most || made.size() < schema.value("minLength", std::size_t{0}))
            return "de";
        return made;
    }

    std::string text() { return texts_[below(texts_.size())]; }

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
    std::vector<std::string> texts_{
        "", "de", "SGFsbG8=", "a@x.test", "Zoë", "long text", "QUJD", "\"\\/"};
};

} // namespace pep::test
