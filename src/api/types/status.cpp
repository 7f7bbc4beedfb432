// Positive statuses are shown in hexadecimal, as in the engine's headers; zero and negative ones in
// decimal.
#include "api/types/status.hpp"

#include <array>
#include <cstdio>

namespace pep::marshal {

Expected<json> Type<PEP_STATUS>::encode(PEP_STATUS status, const Path&) {
    const int number = static_cast<int>(status);
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), number > 0 ? "0x%x" : "%d", number);
    const auto text = std::string{digits.data()} + " \"" + pEp_status_to_string(status) + "\"";
    return json{{"status", number}, {"hex", text}};
}

json Type<PEP_STATUS>::schema(Schemas& schemas) {
    return schemas.ref(name, [](Schemas&) {
        return json{
            {"type", "object"},
            {"description",
             "Outcome of an engine function: a number and its name. 0 is success; some "
             "other numbers are outcomes rather than failures."},
            {"properties",
             {{"status", {{"type", "integer"}, {"description", "the number"}}},
              {"hex",
               {{"type", "string"}, {"description", "number and symbolic name, for people"}}}}},
            {"required", {"status", "hex"}},
            {"additionalProperties", false}};
    });
}

} // namespace pep::marshal
