// HTTP/1.1 as the fuzz target of connections understands it: a second, simple reading of what was
// sent and what came back, to compare the server with.
#pragma once

#include "base/text.hpp"
#include "fuzz/check.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::fuzz {

/// Start line and fields of a message.
struct Block {
    std::string_view start;
    std::vector<std::pair<std::string_view, std::string_view>> fields;

    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const {
        std::vector<std::string_view> found;
        for (const auto& [known, value] : fields)
            if (iequals(known, name))
                found.push_back(value);
        return found;
    }

    /// The only field of that name, if there is any.
    [[nodiscard]] std::optional<std::string_view> one(std::string_view name) const {
        const auto found = all(name);
        check(found.size() <= 1);
        return found.empty() ? std::nullopt : std::optional{found[0]};
    }
};

inline bool has_control(std::string_view line) {
    return std::ranges::any_of(line, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

/// Each line ends with CRLF, no line holds a control character, and the last one is empty.
inline Block read_block(std::string_view text) {
    Block block;
    std::size_t at = 0;
    for (;;) {
        const auto end = text.find("\r\n", at);
        check(end != std::string_view::npos);
        const auto line = text.substr(at, end - at);
        check(!has_control(line));
        at = end + 2;
        if (block.start.empty()) {
            check(!line.empty());
            block.start = line;
        } else if (line.empty()) {
            check(at == text.size());
            return block;
        } else {
            const auto colon = line.find(':');
            check(colon != std::string_view::npos && colon > 0);
            check(line.substr(0, colon).find_first_of(" \t") == std::string_view::npos);
            block.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
        }
    }
}

inline std::optional<std::size_t> number_of(std::string_view digits, int base = 10) {
    std::size_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

/// RFC 9112 7.1 from `at` on: what the chunks hold, and where they end; nothing if they are not
/// complete or no chunks.
inline std::optional<std::size_t>
read_chunks(std::string_view text, std::size_t at, std::string& body) {
    for (;;) {
        const auto end = text.find("\r\n", at);
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto line = text.substr(at, end - at);
        const auto size = number_of(trim(line.substr(0, line.find(';'))), 16);
        at = end + 2;
        if (!size || *size > text.size() - at || has_control(line))
            return std::nullopt;
        if (*size == 0)
            break;
        body += text.substr(at, *size);
        at += *size;
        if (text.substr(at, 2) != "\r\n")
            return std::nullopt;
        at += 2;
    }
    for (;;) { // trailers
        const auto end = text.find("\r\n", at);
        if (end == std::string_view::npos || has_control(text.substr(at, end - at)))
            return std::nullopt;
        if (end == at)
            return at + 2;
        at = end + 2;
    }
}

struct Answer {
    int status = 0;
    bool closes = false;
    bool has_length = false;
    std::string head, body;
    std::string mark; ///< field X-Number

    friend bool operator==(const Answer&, const Answer&) = default;
};

/// One answer from the front of `text`. `is_head`: the request's method was HEAD.
inline Answer take_answer(std::string_view& text, bool is_head) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (text.starts_with(go_on))
        text.remove_prefix(go_on.size());
    const auto end = text.find("\r\n\r\n");
    check(end != std::string_view::npos);
    Answer answer;
    answer.head = text.substr(0, end + 4);
    text.remove_prefix(end + 4);
    const auto block = read_block(answer.head);
    check(block.start.starts_with("HTTP/1.1 ") || block.start.starts_with("HTTP/1.0 "));
    const auto status = number_of(block.start.substr(9, 3));
    check(status && *status >= 200 && *status < 600 && block.start.size() > 13);
    check(block.start[12] == ' ');
    answer.status = static_cast<int>(*status);
    answer.mark = block.one("X-Number").value_or("");
    answer.closes = iequals(block.one("Connection").value_or(""), "close");
    check(!block.one("Transfer-Encoding"));
    const auto length = block.one("Content-Length");
    answer.has_length = length.has_value();
    const auto size = length ? number_of(*length) : std::nullopt;
    check(size.has_value() == length.has_value());
    if (answer.status == 204)
        check(!length);
    else if (!length) // up to the end of the connection
        answer.body = std::exchange(text, {});
    else if (!is_head) {
        check(*size <= text.size());
        answer.body = text.substr(0, *size);
        text.remove_prefix(*size);
    }
    return answer;
}

} // namespace pep::fuzz
