// Any bytes as a JSON document: the strict reader against another parser and against the writer,
// and the glimpse that decides by which thread a request is answered against the whole of it.
#include "fuzz/check.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"

#include <algorithm>

namespace {

using namespace pep::rpc;
using pep::json;
using pep::fuzz::check;

bool is_token(std::string_view text) { return text == "right-token"; }

/// Numbers that are kept as text, as the other parser would round or refuse them.
bool has_odd_numbers(const json& value) {
    if (value.is_structured())
        return std::ranges::any_of(value, has_odd_numbers);
    return value.is_binary();
}

/// What another parser may accept all the same.
bool is_stricter_than_json(std::string_view reason) {
    return reason == "duplicate_member" || reason == "too_deep" || reason == "byte_order_mark";
}

std::string text_member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool has_right_token(const json& item) {
    return item.is_object() && is_token(text_member(item, "security_token"));
}

void check_glimpse(const json& document, const std::optional<Glimpse>& seen) {
    if (!document.is_structured()) {
        check(!seen); // no request
        return;
    }
    check(seen && seen->is_batch == document.is_array());
    if (document.is_array()) {
        check(seen->has_right_token == std::ranges::any_of(document, has_right_token));
        return;
    }
    check(seen->has_right_token == has_right_token(document));
    check(seen->method == text_member(document, "method"));
    check(seen->client_id == text_member(document, "client_id"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{pep::fuzz::text_of(data, size)};
    const auto document = read_json(text);
    std::string looked_at = text;
    const auto seen = glimpse(looked_at, is_token);
    check(looked_at == text);
    if (!document) {
        // To the other parser, NUL outside of strings is the end.
        const bool has_nul = text.find('\0') != std::string::npos;
        check(is_stricter_than_json(document.error().reason) || has_nul || !json::accept(text));
        return 0;
    }
    check_glimpse(*document, seen);
    if (!has_odd_numbers(*document))
        check(json::parse(text, nullptr, /*allow_exceptions=*/false) == *document);
    const auto again = read_json(to_text(*document));
    check(again && *again == *document);
    return 0;
}
