// Any bytes as a JSON document: the strict reader against another parser and against the writer.
#include "fuzz/check.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"

#include <algorithm>

namespace {

using namespace pep::rpc;
using pep::json;
using pep::fuzz::check;

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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{pep::fuzz::text_of(data, size)};
    const auto document = read_json(text);
    if (!document) {
        // To the other parser, NUL outside of strings is the end.
        const bool has_nul = text.find('\0') != std::string::npos;
        check(is_stricter_than_json(document.error().reason) || has_nul || !json::accept(text));
        return 0;
    }
    check(text.find('\0') == std::string::npos);
    if (!has_odd_numbers(*document))
        check(json::parse(text, nullptr, /*allow_exceptions=*/false) == *document);
    const auto again = read_json(to_text(*document));
    check(again && *again == *document);
    return 0;
}
