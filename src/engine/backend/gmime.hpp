// GMime behind values: the grammar of header fields, transfer encodings and charsets. The only
// include of gmime. Entities are split by mime_tree, which keeps the original bytes and checks
// limits first. Pure functions but for init(); any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::engine::gmime {

/// Initialise the library; once, however often it is called. The functions below call it, too; call
/// it at start to have the cost (and the single thread) then.
void init();

/// `name/value` parameters of a structured header, names in lower case, values decoded to UTF-8.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Value of the first parameter of that name, or null.
[[nodiscard]] const std::string*
find_parameter(const Parameters& parameters, std::string_view name);

struct ContentType {
    std::string type = "text"; ///< as written
    std::string subtype = "plain";
    Parameters parameters;

    [[nodiscard]] bool is(std::string_view wanted_type, std::string_view wanted_subtype) const;
    [[nodiscard]] bool is_type(std::string_view wanted) const;

    [[nodiscard]] std::string name() const { return type + '/' + subtype; }
};

/// RFC 2045, 2231. What cannot be read is text/plain (RFC 2045 5.2).
[[nodiscard]] ContentType parse_content_type(std::string_view value);

struct Disposition {
    std::string kind; ///< lower case; "" when absent
    Parameters parameters;
};

[[nodiscard]] Disposition parse_disposition(std::string_view value);

struct Mailbox {
    std::string name;    ///< UTF-8; "" when absent
    std::string address; ///< as written, a quoted local part keeps its quotes
};

/// Mailboxes of an address header, groups flattened. The parser recurses into groups: nothing is
/// returned when they nest deeper than any real mail.
[[nodiscard]] std::vector<Mailbox> parse_addresses(std::string_view value);

/// RFC 5322 date as seconds since the epoch.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view value);

/// Unfolded header text, RFC 2047 words decoded: valid UTF-8 without CR, LF and NUL.
[[nodiscard]] std::string decode_header(std::string_view value);

/// Domain of `address` in its ASCII form (IDNA); unchanged when it has none.
[[nodiscard]] std::string ascii_domain(const std::string& address);

/// Text in `charset` ("" = not stated) to valid UTF-8; what cannot be decoded becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view text, std::string_view charset);

/// `text` with everything that is no UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);

/// Bytes from malloc, a NUL behind `size`.
struct Bytes {
    struct Free {
        void operator()(char* p) const;
    };

    std::unique_ptr<char, Free> value;
    std::size_t size = 0;

    [[nodiscard]] std::string_view view() const { return {value.get(), size}; }
};

/// Undo a Content-Transfer-Encoding; an unknown one leaves the bytes as they are. Throws bad_alloc.
[[nodiscard]] Bytes decode_transfer(std::string_view body, std::string_view encoding);

} // namespace pep::engine::gmime
