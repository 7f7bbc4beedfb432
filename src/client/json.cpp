// Bounded parsing: the document type is copied and printed recursively.
#include "client/json.hpp"

#include "base/secret.hpp"
#include "client/fault.hpp"

#include <string>

namespace pep::client {

Expected<Json> parse_json(std::string_view text, int most_levels) {
    bool is_deep = false;
    const auto watch_depth = [&](int depth, Json::parse_event_t event, Json&) {
        const bool is_start =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        is_deep = is_deep || (is_start && depth >= most_levels); // the outermost is level 0
        return !is_deep;
    };
    try {
        // A refusal does not stop the parser, but what is refused is not kept: nothing grows deep.
        auto value = Json::parse(text, watch_depth);
        if (is_deep)
            return fail(
                fault::usage, "more than " + std::to_string(most_levels) + " levels of JSON"
            );
        return value;
    } catch (const Json::parse_error& e) {
        // The library's own text repeats what stands at that place.
        return fail(fault::usage, "no valid JSON (byte " + std::to_string(e.byte) + ")");
    } catch (const Json::exception&) {
        return fail(fault::usage, "no valid JSON: a number is out of range");
    }
}

void wipe_texts(Json& value) noexcept {
    // Recursive, as parse_json() bounds the depth.
    if (auto* text = value.get_ptr<std::string*>())
        wipe(text->data(), text->size());
    else if (value.is_structured())
        for (auto& member : value)
            wipe_texts(member);
}

} // namespace pep::client
