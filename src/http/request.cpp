// Looking up fields, and the answer to refused requests for handlers that have none of their own.
#include "http/request.hpp"

#include "base/text.hpp"
#include "http/refusals.hpp"

namespace pep::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
    const std::string_view block = head;
    for (const HeaderField& field : fields) {
        if (iequals(block.substr(field.name_at, field.name_size), name)) {
            return block.substr(field.value_at, field.value_size);
        }
    }
    return std::nullopt;
}

Response Handler::fault(int status, std::string_view slug, const Request& /*request*/) const {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    // The word for programs, the rest for people.
    response.body = std::string(slug) + ": " + std::string(hint_of(slug)) + "\n";
    return response;
}

} // namespace pep::http
