// Response heads. No Date and no Server: nothing is cached, and nobody needs to know more than the
// API tells. Every response says that it is not to be stored, sniffed, or embedded by other sites.
#include "http/response_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pep::http {

namespace {

/// RFC 9110 section 15; 429 and 431 are of RFC 6585.
constexpr std::array<std::pair<int, std::string_view>, 20> phrases{{
    {200, "OK"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

/// Of every response, refusals included.
constexpr std::string_view constant_fields = "Cache-Control: no-store\r\n"
                                             "X-Content-Type-Options: nosniff\r\n"
                                             "Cross-Origin-Resource-Policy: same-origin\r\n";

/// CR, LF and NUL: what readers may take for the end of a line or a text (RFC 9110 5.5).
bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
    if (is_one_line(name) && is_one_line(value)) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}

} // namespace

std::string_view reason_phrase(int status) noexcept {
    const auto* const found =
        std::find_if(phrases.begin(), phrases.end(), [status](const auto& row) {
            return row.first == status;
        });
    return found != phrases.end() ? found->second : std::string_view();
}

std::string response_head(const Response& response, const ResponseShape& shape) {
    std::string head;
    head.reserve(320);
    head += shape.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head.append(reason_phrase(response.status)).append("\r\n");
    if (!response.content_type.empty()) {
        add_field(head, "Content-Type", response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
        add_field(head, name, value);
    }
    head += constant_fields;
    if (response.status == 401) { // RFC 9110 15.5.2: always
        head += "WWW-Authenticate: Bearer\r\n";
    }
    // Not in chunks: HTTP/1.0 knows none, and a stream ends with its connection (RFC 9112 6.3).
    if (!shape.keep_alive || shape.stream) {
        head += "Connection: close\r\n";
    } else if (shape.http_1_0) { // there, closing is the default
        head += "Connection: keep-alive\r\n";
    }
    if (response.status != 204 && !shape.stream) { // RFC 9110 8.6: none with 204
        // Also for HEAD: as long as the body would be.
        const std::size_t size = response.body.size() + response.rest.size();
        head.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
    }
    head += "\r\n";
    return head;
}

} // namespace pep::http
