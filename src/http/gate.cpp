// The gate's rules. Framing follows RFC 9112, but refuses where that merely advises: a request that
// two parsers could read in two ways is not served.
#include "http/gate.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace pep::http {

namespace {

constexpr std::string_view crlf = "\r\n";

constexpr std::array<bool, 256> make_token_chars() {
    std::array<bool, 256> table{};
    for (const std::string_view each :
         {"0123456789",
          "abcdefghijklmnopqrstuvwxyz",
          "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
          "!#$%&'*+-.^_`|~"}) {
        for (const char c : each) {
            table[static_cast<unsigned char>(c)] = true;
        }
    }
    return table;
}

constexpr auto token_chars = make_token_chars(); // RFC 9110 section 5.6.2

bool is_token_char(char c) { return token_chars[static_cast<unsigned char>(c)]; }

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// RFC 9110 section 5.5: visible characters, blanks and obs-text; never controls.
bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    });
}

/// Visible ASCII. What else a URI has to be like does not matter: paths are compared literally.
bool is_target(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Without optional white space (RFC 9110 5.6.3). Always a view into `text`, also if nothing is
/// left: the places of fields are computed from it.
std::string_view trim_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return text.substr(0, 0);
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The largest number for all that do not fit: it is over every limit.
std::uint64_t saturating_number(std::string_view digits) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t number = 0;
    for (const char c : digits) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        number = number > (most - digit) / 10 ? most : number * 10 + digit;
    }
    return number;
}

/// RFC 9112 3, with exactly one blank between the parts.
std::optional<Refusal> read_request_line(std::string_view line, Head& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) {
        return Refusal{400, "bad_request_line"};
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(method) || !is_target(target) || target.empty()) {
        return Refusal{400, "bad_request_line"};
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        // RFC 9110 15.6.6: a version that exists, but not here.
        const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                                 is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
        return well_formed ? Refusal{505, "version"} : Refusal{400, "bad_request_line"};
    }
    head.method = method;
    head.http_1_0 = version == "HTTP/1.0";
    if (target[0] != '/') { // absolute-form, authority-form, "*"
        return Refusal{400, "target_form"};
    }
    head.target = target;
    return std::nullopt;
}

// A field the gate relies on may come once: two readers could take different ones.
std::optional<Refusal> set_once(std::optional<std::string_view>& slot, std::string_view value) {
    if (slot) {
        return Refusal{400, "field_repeated"};
    }
    slot = value;
    return std::nullopt;
}

/// Fields whose meaning is settled within this file.
struct Framing {
    std::optional<std::string_view> host, length, encoding, expect;
    bool says_close = false;
    bool says_keep_alive = false;
};

// RFC 9112 9.3: a list, in one field or several.
void read_connection_field(std::string_view value, Framing& framing) {
    for (const std::string_view option : split(value, ',')) {
        framing.says_close = framing.says_close || iequals(trim(option), "close");
        framing.says_keep_alive = framing.says_keep_alive || iequals(trim(option), "keep-alive");
    }
}

/// Where a field that may come once is kept; null for all other fields.
std::optional<std::string_view>* slot_of(std::string_view name, Head& head, Framing& framing) {
    using Slot = std::pair<std::string_view, std::optional<std::string_view>*>;
    const std::array<Slot, 11> slots{{
        {"host", &framing.host},
        {"content-length", &framing.length},
        {"transfer-encoding", &framing.encoding},
        {"expect", &framing.expect},
        {"origin", &head.origin},
        {"sec-fetch-site", &head.fetch_site},
        {"sec-fetch-mode", &head.fetch_mode},
        {"sec-fetch-dest", &head.fetch_dest},
        {"content-type", &head.content_type},
        {"content-encoding", &head.content_coding},
        {"authorization", &head.authorization},
    }};
    for (const auto& [known, slot] : slots) {
        if (iequals(name, known)) {
            return slot;
        }
    }
    return nullptr;
}

/// Where the request ends, and what else a complete header block has to say.
std::optional<Refusal> check_framing(const Framing& framing, Head& head) {
    // RFC 9112 3.2. HTTP/1.0 knows no such rule, but without Host nothing tells DNS rebinding.
    if (!framing.host) {
        return Refusal{400, "host_missing"};
    }
    head.host = *framing.host;
    if (framing.length) {
        // RFC 9112 6.3 lets a list of equal numbers pass. We do not.
        if (framing.length->empty() ||
            !std::all_of(framing.length->begin(), framing.length->end(), is_digit)) {
            return Refusal{400, "bad_content_length"};
        }
        head.content_length = saturating_number(*framing.length);
    }
    if (framing.encoding) {
        // RFC 9112 6.1: length and coding together are how a request is smuggled.
        if (framing.length || head.http_1_0 || !iequals(*framing.encoding, "chunked")) {
            return Refusal{400, "bad_transfer_encoding"};
        }
        head.chunked = true;
    }
    if (framing.expect && !head.http_1_0) { // RFC 9110 10.1.1: ignored in HTTP/1.0
        if (!iequals(*framing.expect, "100-continue")) {
            return Refusal{417, "expectation"};
        }
        head.expects_continue = true;
    }
    return std::nullopt;
}

/// Schemes and hosts know no case (RFC 9110 4.2.3).
bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(), [text](const std::string& item) {
        return iequals(item, text);
    });
}

/// A browser opens our page in a tab, by a link of any site: that site does not get to see it.
bool is_navigation(const Head& head, const Route& route) {
    return route.navigable && head.method == "GET" && head.fetch_mode == "navigate" &&
           head.fetch_dest == "document";
}

} // namespace

HeadScan scan_head(std::string_view input, std::size_t scanned, const Limits& limits) {
    HeadScan scan;
    if (!input.empty() && !is_token_char(input.front())) { // TLS, binary, an indented line
        scan.refusal = Refusal{400, "bad_request_line"};
        return scan;
    }
    const std::string_view view = input.substr(0, limits.header_bytes);
    for (std::size_t at = view.find('\n', scanned); at != std::string_view::npos;
         at = view.find('\n', at + 1)) {
        // RFC 9112 2.2 lets readers take it for the end of a line. To others it is part of one.
        if (at == 0 || view[at - 1] != '\r') {
            scan.refusal = Refusal{400, "bare_lf"};
            return scan;
        }
        if (at >= 3 && view[at - 2] == '\n') {
            scan.size = at + 1;
            return scan;
        }
    }
    // The CR of a line end may be in what was seen; its LF is looked for in what comes.
    scan.scanned = view.size();
    if (input.size() >= limits.header_bytes) {
        // The path alone is too long, or all fields together are.
        const bool first_line = view.find('\n') == std::string_view::npos;
        scan.refusal =
            first_line ? Refusal{414, "target_too_long"} : Refusal{431, "header_too_large"};
    }
    return scan;
}

std::optional<Refusal> read_head(std::string_view block, const Limits& limits, Head& head) {
    Framing framing;
    std::size_t at = block.find(crlf);
    if (auto refusal = read_request_line(block.substr(0, at), head)) {
        return refusal;
    }
    for (at += crlf.size(); at < block.size();) {
        const std::size_t end = block.find(crlf, at);
        if (end == std::string_view::npos) {
            return Refusal{400, "bad_field"};
        }
        const std::string_view line = block.substr(at, end - at);
        if (line.empty()) {
            // RFC 9112 9.3: HTTP/1.1 stays unless told otherwise, HTTP/1.0 only if asked.
            head.keep_alive = !framing.says_close && (!head.http_1_0 || framing.says_keep_alive);
            return check_framing(framing, head);
        }
        // RFC 9112 5.2: unfolded, the line would belong to the field above.
        if (line.front() == ' ' || line.front() == '\t') {
            return Refusal{400, "obs_fold"};
        }
        const std::size_t colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        // RFC 9112 5.1: also no blank before the colon.
        if (colon == std::string_view::npos || !is_token(name)) {
            return Refusal{400, "bad_field"};
        }
        const std::string_view value = trim_blanks(line.substr(colon + 1));
        if (!is_field_value(line.substr(colon + 1))) {
            return Refusal{400, "bad_field"};
        }
        if (head.fields.size() == limits.header_fields) {
            return Refusal{431, "header_too_large"};
        }
        // Offsets, for the block moves to other threads along with the request.
        const auto offset = [&](std::string_view part) {
            return static_cast<std::uint32_t>(part.data() - block.data());
        };
        const auto size = [](std::string_view part) {
            return static_cast<std::uint32_t>(part.size());
        };
        head.fields.push_back({offset(name), size(name), offset(value), size(value)});
        // Fields of any other name may come as often as they like: the gate does not ask for them.
        if (auto* slot = slot_of(name, head, framing)) {
            if (auto refusal = set_once(*slot, value)) {
                return refusal;
            }
        } else if (iequals(name, "connection")) {
            read_connection_field(value, framing);
        } else if (iequals(name, "access-control-request-method")) {
            head.preflight = true;
        }
        at = end + crlf.size();
    }
    return Refusal{400, "bad_field"}; // no empty line at the end
}

Origins
Origins::of(std::string_view address, std::uint16_t port, const std::vector<std::string>& more) {
    Origins ours;
    const std::string behind = ":" + std::to_string(port);
    const bool ipv6 = address.find(':') != std::string_view::npos;
    const std::string literal = ipv6 ? "[" + std::string(address) + "]" : std::string(address);
    // By all its names, whatever address it listens at: users and clients type any of them.
    for (const std::string& host :
         {std::string("127.0.0.1"), std::string("localhost"), std::string("[::1]"), literal}) {
        if (!contains(ours.hosts, host + behind)) {
            ours.hosts.push_back(host + behind);
            ours.origins.push_back("http://" + host + behind);
        }
    }
    ours.allowed = more;
    return ours;
}

// No origins of ours: there is no page that came over a Unix socket.
Origins Origins::any_host(const std::vector<std::string>& more) { return {{}, {}, more}; }

std::optional<Refusal> check_origin(const Head& head, const Origins& ours, const Route& route) {
    // A foreign name that resolves to us is DNS rebinding.
    if (!ours.hosts.empty() && !contains(ours.hosts, head.host)) {
        return Refusal{421, "foreign_host"};
    }
    // Other sites get no leave to send more; our own page need not ask for it.
    if (head.preflight && head.method == "OPTIONS") {
        return Refusal{403, "preflight"};
    }
    // Browsers send it with every POST. Its absence proves nothing, hence the fetch metadata below.
    if (head.origin) {
        if (contains(ours.allowed, *head.origin)) {
            return std::nullopt; // no page can forge Origin; to the browser, we are another site
        }
        if (!contains(ours.origins, *head.origin)) {
            return Refusal{403, "foreign_origin"};
        }
    }
    // "none": the user typed the address or opened a bookmark.
    if (head.fetch_site && *head.fetch_site != "same-origin" && *head.fetch_site != "none" &&
        !is_navigation(head, route)) {
        return Refusal{403, "foreign_site"};
    }
    return std::nullopt;
}

std::optional<Refusal> check_route(const Head& head, const Route& route) {
    // Behind check_origin(): pages of other sites do not learn which paths there are.
    if (!route.found) {
        return Refusal{404, "not_found"};
    }
    if (std::find(route.methods.begin(), route.methods.end(), head.method) == route.methods.end()) {
        return Refusal{405, "method"};
    }
    return std::nullopt;
}

std::optional<Refusal> check_content_type(const Head& head) {
    // Who says that a body is compressed means another text than the one that would be read.
    if (head.content_coding && !iequals(*head.content_coding, "identity")) {
        return Refusal{415, "content_coding"};
    }
    // What a form or a script without preflight can send is never JSON by name. Other programs may
    // call their JSON what they like: old clients say text/plain, curl says it is a form.
    if (!head.has_body() || !head.from_browser()) {
        return std::nullopt;
    }
    const std::string_view type = head.content_type.value_or("");
    if (!iequals(trim_blanks(type.substr(0, type.find(';'))), "application/json")) {
        return Refusal{415, "content_type"};
    }
    return std::nullopt;
}

TokenState
check_token(const Head& head, const std::function<bool(std::string_view)>& is_token_right) {
    if (!head.authorization) {
        return TokenState::absent;
    }
    // RFC 9110 11.1: the name of the scheme knows no case.
    constexpr std::string_view scheme = "bearer ";
    if (!istarts_with(*head.authorization, scheme) || !is_token_right) {
        return TokenState::wrong;
    }
    const std::string_view token = trim_blanks(head.authorization->substr(scheme.size()));
    return is_token_right(token) ? TokenState::right : TokenState::wrong;
}

std::optional<Refusal> check_token_rule(TokenState token, const Route& route) {
    // Also where no token is needed: a stale one means that the token file has to be read again.
    if (token == TokenState::wrong && route.token != TokenRule::in_body) {
        return Refusal{401, "wrong_token"};
    }
    if (token == TokenState::absent && route.token == TokenRule::required) {
        return Refusal{401, "token_missing"};
    }
    return std::nullopt;
}

std::uint64_t
body_limit(const Head& head, TokenState token, const Route& route, const Limits& limits) {
    if (route.body == BodyRule::none) {
        return 0;
    }
    if (token == TokenState::right) {
        return limits.body_bytes;
    }
    // Old clients are no browsers: a page gets no more room by naming their path.
    if (route.body == BodyRule::legacy && !head.from_browser()) {
        return std::min(limits.legacy_body_bytes, limits.body_bytes);
    }
    return std::min(limits.body_without_token, limits.body_bytes);
}

std::optional<Refusal> check_length(const Head& head, std::uint64_t limit) {
    // Chunks are counted as they come, unless none may come at all.
    if (head.content_length.value_or(0) > limit || (head.chunked && limit == 0)) {
        return Refusal{413, "too_large"};
    }
    return std::nullopt;
}

} // namespace pep::http
