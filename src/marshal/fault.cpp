// The table of faults: slug and advice for each.
#include "marshal/fault.hpp"

namespace pep::marshal {
namespace {

struct Row {
    std::string_view slug, hint;
};

Row row(Fault fault) {
    // No default: the compiler finds a fault that has no row.
    switch (fault) {
    case Fault::wrong_type:
        return {"wrong_type", "send a value of the expected JSON type"};
    case Fault::out_of_range:
        return {"out_of_range", "send a value inside the expected range"};
    case Fault::unknown_value:
        return {"unknown_value", "send one of the values listed in the schema"};
    case Fault::invalid_utf8:
        return {"invalid_utf8", "encode text as UTF-8"};
    case Fault::nul_character:
        return {"nul_character", "remove U+0000; send binary data where base64 is expected"};
    case Fault::invalid_base64:
        return {"invalid_base64", "encode with the standard base64 alphabet (RFC 4648 section 4)"};
    case Fault::too_long:
        return {"too_long", "shorten the value"};
    case Fault::malformed:
        return {"malformed", "send the value in the expected form"};
    case Fault::missing:
        return {"missing", "send this parameter"};
    case Fault::unexpected:
        return {"unexpected", "compare the call with the function's entry in /openrpc.json"};
    case Fault::out_of_memory:
        return {"out_of_memory", "send less data, or try again later"};
    }
    // For a number that is none of them.
    return {"invalid", "compare the value with the schema"};
}

} // namespace

tl::unexpected<Error> refuse(const Path& at, Fault fault, std::string expected) {
    return fail(static_cast<int>(fault), std::move(expected), at.pointer());
}

std::string_view slug(Fault fault) { return row(fault).slug; }

std::string_view hint(Fault fault) { return row(fault).hint; }

} // namespace pep::marshal
