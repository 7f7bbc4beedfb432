// Slugs are part of the interface: clients may act on them.
#include "http/refusals.hpp"

#include <array>

namespace pep::http {

namespace {

constexpr std::array table{
    RefusalHint{"other_user", "only programs of the user who runs the server may connect"},
    RefusalHint{
        "bad_request_line", "send HTTP/1.1: METHOD, path and version with one blank between"},
    RefusalHint{"bare_lf", "end each line of the header with CR LF"},
    RefusalHint{
        "target_too_long", "the request target is over header_bytes; call functions by POST"},
    RefusalHint{"header_too_large", "see header_bytes and header_fields in x-limits"},
    RefusalHint{"header_timeout", "send the whole header within header_time_ms"},
    RefusalHint{"version", "use HTTP/1.1 or HTTP/1.0"},
    RefusalHint{"target_form", "the request target is a path that begins with /"},
    RefusalHint{"obs_fold", "write each header field on one line"},
    RefusalHint{
        "bad_field", "write header fields as name, colon, value, without control characters"},
    RefusalHint{"field_repeated", "send this header field once"},
    RefusalHint{"host_missing", "send a Host field"},
    RefusalHint{"bad_content_length", "Content-Length is one number in decimal digits"},
    RefusalHint{
        "bad_transfer_encoding",
        "Transfer-Encoding is exactly `chunked`, in HTTP/1.1, and without Content-Length"},
    RefusalHint{"expectation", "the only expectation known is 100-continue"},
    RefusalHint{"bad_request", "send a request as RFC 9112 has it"},
    RefusalHint{"shutting_down", "start the server again, then read the token file"},
    RefusalHint{"foreign_host", "Host is 127.0.0.1, localhost or [::1] with the server's port"},
    RefusalHint{"preflight", "pages of other sites are not served"},
    RefusalHint{
        "foreign_origin", "only the server's own page, or an origin of --allow-origin, is served"},
    RefusalHint{"foreign_site", "pages of other sites are not served"},
    RefusalHint{"not_found", "there is nothing at this path; calls go to /rpc"},
    RefusalHint{"method", "the field Allow names the methods of this path"},
    RefusalHint{"content_type", "browsers send Content-Type: application/json"},
    RefusalHint{"content_coding", "send the body as it is, without Content-Encoding"},
    RefusalHint{"wrong_token", "read the token file again and send its token"},
    RefusalHint{"token_missing", "send Authorization: Bearer with the token of the token file"},
    RefusalHint{
        "too_large", "see the limits of bodies in x-limits; a token in the header allows most"},
    RefusalHint{"busy", "try again after the time given in Retry-After"},
    RefusalHint{"body_timeout", "send the body within body_time_ms, plus body_time_per_64k_ms"},
    RefusalHint{"bad_body", "the chunks are not as RFC 9112, 7.1 has them"},
    RefusalHint{"out_of_memory", "send less at once, or try again later"},
    RefusalHint{"internal", "see the server's log; a repetition may help"},
};

} // namespace

std::span<const RefusalHint> refusal_hints() noexcept { return table; }

std::string_view hint_of(std::string_view slug) noexcept {
    for (const RefusalHint& row : table) {
        if (row.slug == slug) {
            return row.hint;
        }
    }
    return {};
}

} // namespace pep::http
