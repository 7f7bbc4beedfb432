// What the server hands to its user and gets back: request, response, and what the gate has to know
// of a path before the body is read. No libevent and no parser in here.
#pragma once

#include "base/long_text.hpp"
#include "http/responder.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::http {

/// What lives as long as a connection, and what all its requests share. The HTTP layer drops its
/// share when the connection ends; requests still at work keep theirs.
struct ConnectionSlot {
    std::uint64_t id = 0;
    std::string
        endpoint; ///< our end: "127.0.0.1:4223", "[::1]:4223", or the path of the Unix socket

    /// The handler sets it when a token came with a body. Such connections may idle and are not
    /// evicted.
    std::atomic<bool> authenticated{false};

    /// For the handler. Written and read on the loop thread, unless the handler has its own rule.
    std::shared_ptr<void> data;
};

/// One field of the header block, as two stretches of Request::head.
struct HeaderField {
    std::uint32_t name_at = 0, name_size = 0, value_at = 0, value_size = 0;
};

/// A complete request that passed the gate. Movable; belongs to whoever holds it, on any thread.
struct Request {
    std::string method;
    std::string path;  ///< raw target before '?', not decoded
    std::string query; ///< raw target behind '?', empty if there is none
    std::string body;
    bool has_token_header = false; ///< an Authorization header was there
    bool authorized = false;       ///< … and its token was right
    bool from_browser = false;     ///< Origin or Sec-Fetch headers were there
    bool http_1_0 = false;
    std::string head; ///< raw request line and fields
    std::vector<HeaderField> fields;
    std::shared_ptr<ConnectionSlot> connection;

    /// Keeps this body's bytes counted as unauthorized; reset it once the body's token proved
    /// right.
    std::shared_ptr<void> budget;

    /// The first field of that name (any case), without blanks around it. A view into `head`.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type; ///< empty: no Content-Type line
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    LongText rest;      ///< what follows `body`, encoded as the client reads it
    bool close = false; ///< end the connection behind this response
};

/// How much body may come before somebody proved to be authorized.
enum class BodyRule {
    none,                  ///< no body at all
    header_token_or_small, ///< `Limits::body_without_token`, more only with the token in the header
    legacy,                ///< `Limits::legacy_body_bytes`: clients that know no header
};

/// When a request must carry the token in its header.
enum class TokenRule {
    optional, ///< it may be in the body, or is not needed; a wrong one is refused nevertheless
    required, ///< 401 without it
    in_body,  ///< its place is the body; what the header says besides is not for us
};

/// What the gate needs to know of a path.
struct Route {
    bool found = false;                    ///< 404 if not
    std::vector<std::string_view> methods; ///< string literals, e.g. {"GET", "HEAD"}
    BodyRule body = BodyRule::none;
    TokenRule token = TokenRule::optional;
    bool navigable = false; ///< a page that a browser may open by a link or the address bar
};

/// The user of a Server. All members are called on the loop thread and must not block.
class Handler {
  public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler(Handler&&) = delete;
    Handler& operator=(const Handler&) = delete;
    Handler& operator=(Handler&&) = delete;
    virtual ~Handler() = default;

    /// What is at this path. Called before method, token and body are looked at.
    virtual Route route(std::string_view path) const = 0;

    /// A request to answer, now or later, from any thread.
    virtual void handle(Request request, Responder responder) = 0;

    /// The answer to a request refused by the HTTP layer. `slug` says why in one stable word; the
    /// request may be incomplete (an empty path when not even that could be read) and never has a
    /// body. The server adds Connection, Allow and Retry-After. The default is a plain text line.
    virtual Response fault(int status, std::string_view slug, const Request& request) const;
};

} // namespace pep::http
