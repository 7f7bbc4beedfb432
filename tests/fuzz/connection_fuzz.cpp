// Any bytes as what a client sends over one connection: listener, gate, connection and parser of a
// real server. The first byte chooses the door; each byte 0xFE behind it is not sent, but cuts the
// stream there. Whatever comes: each answer is well-formed HTTP and belongs to one request; the
// requests executed are those a second reading of the bytes finds, keep the rules of their paths,
// and stop at the first refused one; and the cuts make no difference.
#include "fuzz/connection_rig.hpp"
#include "fuzz/http_stream.hpp"

#include <algorithm>
#include <array>

namespace {

using namespace pep::http;
using namespace pep::fuzz;

constexpr char cut = '\xFE';
constexpr std::size_t most_cuts = 40;
constexpr std::string_view port_in_seeds = ":44223";

Rig& rig() {
    static Rig running;
    return running;
}

/// What the gate promises of a request that is executed, read anew from its header block.
void check_rules(const Entry& entry, const Choice& how, std::uint16_t port) {
    const auto block = read_block(entry.head);
    const auto method = block.start.substr(0, block.start.find(' '));
    const auto place = std::ranges::find(places(), entry.path, &Place::path);
    check(!how.is_foreign && place != places().end());
    check(std::ranges::count(place->methods, method) == 1);
    check(block.fields.size() <= short_limits().header_fields);
    check(entry.head.size() <= short_limits().header_bytes);

    const auto host = block.one("Host");
    check(host.has_value());
    const auto behind = ":" + std::to_string(port);
    const std::array names{"127.0.0.1" + behind, "localhost" + behind, "[::1]" + behind};
    const auto is_own = [&](std::string_view text) {
        return std::ranges::any_of(names, [&](const auto& name) {
            return pep::iequals(name, text);
        });
    };
    check(!how.by_tcp || is_own(*host));

    const auto origin = block.one("Origin");
    const bool is_friend = origin && pep::iequals(*origin, friendly_origin);
    if (origin && !is_friend)
        check(how.by_tcp && pep::istarts_with(*origin, "http://") && is_own(origin->substr(7)));
    const auto site = block.one("Sec-Fetch-Site");
    const bool navigates = place->navigable && method == "GET";
    check(!site || is_friend || navigates || *site == "same-origin" || *site == "none");
    const bool from_browser =
        origin || site || block.one("Sec-Fetch-Mode") || block.one("Sec-Fetch-Dest");
    check(entry.is_from_browser == from_browser);

    check(pep::iequals(block.one("Content-Encoding").value_or("identity"), "identity"));

    const auto token = block.one("Authorization");
    check(entry.is_authorized == token.has_value());
    check(!token || (pep::istarts_with(*token, "Bearer ") && token->ends_with("right")));
    check(place->token == TokenRule::optional || token);

    const auto limits = short_limits();
    const auto most = place->body == BodyRule::none ? 0
                      : token                       ? limits.body_bytes
                      : place->body == BodyRule::legacy && !from_browser
                          ? limits.legacy_body_bytes
                          : limits.body_without_token;
    check(entry.body.size() <= most);
    if (from_browser && !entry.body.empty())
        check(pep::istarts_with(block.one("Content-Type").value_or(""), "application/json"));
}

/// Where the body of an executed request ends that begins at `at`; it is the body it was given.
std::size_t check_body(const Entry& entry, std::string_view stream, std::size_t at) {
    const auto block = read_block(entry.head);
    const auto encoding = block.one("Transfer-Encoding");
    const auto length = block.one("Content-Length");
    check(!encoding || (!length && pep::iequals(*encoding, "chunked")));
    std::string body;
    if (encoding) {
        check(block.start.ends_with("HTTP/1.1"));
        const auto end = read_chunks(stream, at, body);
        check(end.has_value());
        at = *end;
    } else if (length) {
        const auto size = number_of(*length);
        check(size && *size <= stream.size() - at);
        body = stream.substr(at, *size);
        at += *size;
    }
    check(entry.body == body);
    return at;
}

/// The requests stand in the stream one behind the other, and nothing is executed behind one that
/// was refused, but for those paths or methods that are not there.
void check_order(const std::vector<Entry>& entries, std::string_view stream) {
    std::size_t at = 0;
    bool is_over = false;
    for (const Entry& entry : entries) {
        check(!is_over);
        if (!entry.is_executed && entry.status != 404 && entry.status != 405) {
            is_over = true;
            continue;
        }
        if (stream.substr(at, 2) == "\r\n") // RFC 9112 2.2
            at += 2;
        check(stream.substr(at, entry.head.size()) == entry.head);
        at += entry.head.size();
        if (entry.is_executed)
            at = check_body(entry, stream, at);
    }
}

/// One answer for each request, in their order.
std::vector<Answer> check_answers(const std::vector<Entry>& entries, std::string_view answers) {
    std::vector<Answer> all;
    for (const Entry& entry : entries) {
        check(all.empty() || (!all.back().closes && !answers.empty()));
        all.push_back(take_answer(answers, entry.is_head));
        check(all.back().status == entry.status);
        check(all.back().mark == std::to_string(all.size()));
        const bool is_stream = entry.path == "/stream" || entry.path == "/events";
        check(all.back().has_length == (entry.status != 204 && !is_stream));
    }
    // Where the body was waited for in vain, that it may come was said all the same.
    check(answers.empty() || answers == "HTTP/1.1 100 Continue\r\n\r\n");
    return all;
}

/// The pieces, and in `whole` what they are together.
std::vector<std::string_view> pieces_of(std::string_view input, std::string& whole) {
    std::vector<std::size_t> cuts;
    for (const char c : input) {
        if (c != cut)
            whole += c;
        else if (cuts.size() < most_cuts)
            cuts.push_back(whole.size());
    }
    cuts.push_back(whole.size());
    std::vector<std::string_view> pieces;
    std::size_t from = 0;
    for (const auto to : cuts) {
        if (to > from)
            pieces.push_back(std::string_view{whole}.substr(from, to - from));
        from = to;
    }
    return pieces;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return -1;
    const Choice how{(data[0] & 1U) != 0, (data[0] & 2U) != 0};
    std::string input{text_of(data + 1, size - 1)};
    const auto port = ":" + std::to_string(rig().port());
    for (auto at = input.find(port_in_seeds); at != std::string::npos;
         at = input.find(port_in_seeds, at + 1))
        input.replace(at, port.size(), port);

    std::string whole;
    const auto pieces = pieces_of(input, whole);
    const auto cut_up = rig().exchange(pieces, how);
    for (const Entry& entry : cut_up.entries)
        if (entry.is_executed)
            check_rules(entry, how, rig().port());
    check(!how.is_foreign || cut_up.entries.size() == 1);
    if (!how.is_foreign)
        check_order(cut_up.entries, whole);
    const auto answers = check_answers(cut_up.entries, cut_up.answers);
    if (pieces.size() < 2)
        return 0;
    const auto at_once = rig().exchange({whole}, how);
    check(at_once.entries == cut_up.entries);
    check(check_answers(at_once.entries, at_once.answers) == answers);
    return 0;
}
