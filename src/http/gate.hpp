// What a request must be like before anything of it is trusted: framing of the raw header block,
// Host, Origin, fetch metadata, method, content type, token, body size. Pure functions on views;
// any thread.
#pragma once

#include "http/limits.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::http {

/// Why a request is refused: an HTTP status and one stable word for clients.
struct Refusal {
    int status = 400;
    std::string_view slug;

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// How far an incomplete header block got.
struct HeadScan {
    std::size_t size = 0;           ///< of the block with its empty line, 0 while incomplete
    std::size_t scanned = 0;        ///< go on from here when more came
    std::optional<Refusal> refusal; ///< already known to be bad: bare LF, too large, no HTTP at all
};

/// Looks for the end of the header block, `scanned` bytes of which were looked at before.
[[nodiscard]] HeadScan scan_head(std::string_view input, std::size_t scanned, const Limits& limits);

/// What the raw header block says, as far as framing and the gate need it. Views into the block.
struct Head {
    std::string_view method, target;
    bool http_1_0 = false;
    std::vector<HeaderField> fields;
    std::string_view host;
    std::optional<std::uint64_t> content_length; ///< saturates at 2^64-1
    bool chunked = false;
    bool expects_continue = false;
    std::optional<std::string_view> origin, fetch_site, fetch_mode, fetch_dest;
    std::optional<std::string_view> content_type, content_coding, authorization;
    bool preflight = false;  ///< Access-Control-Request-Method is there
    bool keep_alive = false; ///< the connection may stay behind the answer

    [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }

    [[nodiscard]] bool from_browser() const {
        return origin || fetch_site || fetch_mode || fetch_dest;
    }

    [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }
};

/// Step 3. Reads a complete block into `head`; stricter than RFC 9112 where leniency lets requests
/// be smuggled. `head` holds what was read so far also when the block is refused.
std::optional<Refusal> read_head(std::string_view block, const Limits& limits, Head& head);

/// The names this server answers to.
struct Origins {
    std::vector<std::string> hosts;   ///< with port; empty: any single Host (Unix socket)
    std::vector<std::string> origins; ///< of our own pages
    std::vector<std::string>
        allowed; ///< foreign ones the user let in; fetch metadata does not matter

    /// For a TCP listener at a literal address.
    static Origins
    of(std::string_view address, std::uint16_t port, const std::vector<std::string>& more);
    /// For the Unix socket, which no browser reaches.
    static Origins any_host(const std::vector<std::string>& more);
};

/// Step 4, and the method: Host, preflights, Origin, fetch metadata, then 404 and 405.
std::optional<Refusal> check_origin(const Head& head, const Origins& ours, const Route& route);
std::optional<Refusal> check_route(const Head& head, const Route& route);

/// Step 5.
std::optional<Refusal> check_content_type(const Head& head);

enum class TokenState { absent, wrong, right };

/// Step 6: the token in the Authorization field.
[[nodiscard]] TokenState
check_token(const Head& head, const std::function<bool(std::string_view)>& is_token);
std::optional<Refusal> check_token_rule(TokenState token, const Route& route);

/// How large the body of this request may be.
[[nodiscard]] std::uint64_t
body_limit(const Head& head, TokenState token, const Route& route, const Limits& limits);

/// Refuses an announced length over the limit, at once.
std::optional<Refusal> check_length(const Head& head, std::uint64_t limit);

} // namespace pep::http
