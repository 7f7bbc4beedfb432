// One row a limit; the unit is in the name.
#include "daemon/limits_table.hpp"

#include <array>
#include <charconv>
#include <variant>

namespace pep::daemon {

namespace {

using Size = std::size_t Limits::*;
using Bytes = std::uint64_t Limits::*;
using Time = std::chrono::milliseconds Limits::*;

struct Row {
    std::string_view name;
    std::variant<Size, Time> member;
    std::uint64_t least;
    std::uint64_t most;
    std::string_view bounds; ///< what it limits, for the README
};

static_assert(std::is_same_v<Size, Bytes>, "sizes are 64 bit on every supported platform");

constexpr std::uint64_t gib = std::uint64_t{1} << 30U;
constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;

constexpr std::array rows{
    Row{"header_bytes", &Limits::header_bytes, 512, 1U << 20U, "request line and header fields"},
    Row{"header_fields", &Limits::header_fields, 8, 10'000, "their number"},
    Row{"body_bytes", &Limits::body_bytes, 1024, 2 * gib, "a body whose token came in the header"},
    Row{"body_without_token_bytes",
        &Limits::body_without_token,
        1024,
        2 * gib,
        "any other body on `/rpc`, and every body from a browser without it"},
    Row{"legacy_body_bytes",
        &Limits::legacy_body_bytes,
        1024,
        2 * gib,
        "a body in the old dialect, whose token is inside"},
    Row{"unauthorized_bytes",
        &Limits::unauthorized_bytes,
        1024,
        8 * gib,
        "all bodies together whose token is not known yet"},
    Row{"json_depth", &Limits::json_depth, 16, 1000, "nesting of arrays and objects"},
    Row{"json_values", &Limits::json_values, 1000, 100'000'000, "values of all kinds in a request"},
    Row{"batch_items", &Limits::batch_items, 1, 100'000, "requests in a batch"},
    Row{"queued_calls",
        &Limits::queued_calls,
        1,
        100'000,
        "calls that wait for a worker; further ones get −32004"},
    Row{"connections",
        &Limits::connections,
        1,
        1'000'000,
        "open at the same time; without a right token, the oldest idle one goes first, then the "
        "oldest within a request"},
    Row{"pipelined_bytes",
        &Limits::pipelined_bytes,
        1024,
        gib,
        "read ahead on a connection while a call runs"},
    Row{"unsent_bytes",
        &Limits::unsent_bytes,
        1024,
        gib,
        "of replies; no further call of that connection before they are read. A reader of events "
        "with more is cut off"},
    Row{"header_time_ms",
        &Limits::header_time,
        10,
        day_ms,
        "from the first byte of a request to the end of its header"},
    Row{"body_time_ms", &Limits::body_time, 10, day_ms, "for a body,"},
    Row{"body_time_per_64k_ms",
        &Limits::body_time_per_64k,
        0,
        day_ms,
        "and for every 64 KiB of it, on top"},
    Row{"reply_time_ms",
        &Limits::reply_time,
        10,
        day_ms,
        "for a client to take its reply, plus the same per 64 KiB"},
    Row{"idle_time_ms",
        &Limits::idle_time,
        10,
        day_ms,
        "between requests of a connection that never showed the token"},
    Row{"linger_time_ms",
        &Limits::linger_time,
        10,
        day_ms,
        "reading on after a refusal, so that it arrives"},
    Row{"stop_time_ms", &Limits::stop_time, 10, day_ms, "for calls at work when the server stops"},
    Row{"events", &Limits::events, 1, 1'000'000, "kept for readers; the oldest goes first"},
    Row{"event_bytes",
        &Limits::event_bytes,
        1024,
        2 * gib,
        "all kept events together, in memory; one beyond that alone is refused"},
    Row{"event_streams",
        &Limits::event_streams,
        1,
        100'000,
        "readers of `GET /events` at the same time"},
    Row{"event_listeners",
        &Limits::event_listeners,
        1,
        1'000,
        "registered by `registerEventListener`"},
    Row{"event_sessions",
        &Limits::event_sessions,
        1,
        100'000,
        "event queues; the longest idle one goes if it was not polled for a minute, else a new one "
        "is refused"},
    Row{"event_session_idle_ms",
        &Limits::event_session_idle,
        10,
        day_ms,
        "until a queue that is not polled goes"},
    Row{"poll_time_ms",
        &Limits::poll_time,
        10,
        day_ms,
        "the longest wait of `pollForEvents`; a longer one ends so early"},
    Row{"passphrase_time_ms",
        &Limits::passphrase_time,
        10,
        day_ms,
        "until a passphrase that unlocked nothing is forgotten"},
    Row{"cached_messages",
        &Limits::cached_messages,
        1,
        100'000,
        "in the message cache; the least recently used goes first"},
    Row{"cached_message_bytes",
        &Limits::cached_message_bytes,
        1024,
        8 * gib,
        "all of them together, in memory; one beyond that alone is refused"},
    Row{"cached_message_idle_ms",
        &Limits::cached_message_idle,
        10,
        day_ms,
        "until a cached message that is not used goes"},
};

/// As it is published: sizes and numbers as they are, times in milliseconds.
std::uint64_t value_of(const Row& row, const Limits& limits) {
    // Pointers to members: the table needs no function per limit.
    if (const auto* size = std::get_if<Size>(&row.member))
        return limits.*(*size);
    return static_cast<std::uint64_t>((limits.*(std::get<Time>(row.member))).count());
}

/// 67108864 as "67 108 864".
std::string grouped(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), " ");
    return text;
}

/// All of them, for the message about an unknown one.
std::string names() {
    std::string text;
    for (const Row& row : rows)
        text.append(text.empty() ? "" : ", ").append(row.name);
    return text;
}

} // namespace

Expected<void> set_limit(Limits& limits, std::string_view assignment) {
    const auto equals = assignment.find('=');
    const auto name = assignment.substr(0, equals);
    for (const Row& row : rows) {
        if (row.name != name)
            continue;
        std::uint64_t value = 0;
        const auto text =
            equals == std::string_view::npos ? std::string_view{} : assignment.substr(equals + 1);
        // All of the text has to be digits: "64M" must not become 64.
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (problem != std::errc{} || end != text.data() + text.size() || value < row.least ||
            value > row.most)
            return fail(
                0,
                "--limit " + std::string{row.name} + " takes a whole number from " +
                    std::to_string(row.least) + " to " + std::to_string(row.most)
            );
        if (const Size* size = std::get_if<Size>(&row.member))
            limits.*(*size) = value;
        else
            limits.*(std::get<Time>(row.member)) =
                std::chrono::milliseconds{static_cast<std::int64_t>(value)};
        return {};
    }
    return fail(0, "--limit takes NAME=NUMBER with one of these names: " + names());
}

std::vector<std::pair<std::string, std::uint64_t>> list_limits(const Limits& limits) {
    std::vector<std::pair<std::string, std::uint64_t>> list;
    for (const Row& row : rows)
        list.emplace_back(row.name, value_of(row, limits));
    return list;
}

std::string limits_markdown() {
    std::string text = "| limit | default | bounds |\n| --- | --- | --- |\n";
    for (const Row& row : rows) {
        text.append("| `").append(row.name).append("` | ").append(grouped(value_of(row, Limits{})));
        text.append(" | ").append(row.bounds).append(" |\n");
    }
    return text;
}

} // namespace pep::daemon
