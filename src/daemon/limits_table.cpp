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
};

static_assert(std::is_same_v<Size, Bytes>, "sizes are 64 bit on every supported platform");

constexpr std::uint64_t gib = std::uint64_t{1} << 30U;
constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;

constexpr std::array rows{
    Row{"header_bytes", &Limits::header_bytes, 512, 1U << 20U},
    Row{"header_fields", &Limits::header_fields, 8, 10'000},
    Row{"body_bytes", &Limits::body_bytes, 1024, 2 * gib},
    Row{"body_without_token_bytes", &Limits::body_without_token, 1024, 2 * gib},
    Row{"legacy_body_bytes", &Limits::legacy_body_bytes, 1024, 2 * gib},
    Row{"unauthorized_bytes", &Limits::unauthorized_bytes, 1024, 8 * gib},
    Row{"connections", &Limits::connections, 1, 1'000'000},
    Row{"header_time_ms", &Limits::header_time, 10, day_ms},
    Row{"body_time_ms", &Limits::body_time, 10, day_ms},
    Row{"body_time_per_64k_ms", &Limits::body_time_per_64k, 0, day_ms},
    Row{"reply_time_ms", &Limits::reply_time, 10, day_ms},
    Row{"idle_time_ms", &Limits::idle_time, 10, day_ms},
    Row{"events", &Limits::events, 1, 1'000'000},
    Row{"event_bytes", &Limits::event_bytes, 1024, 2 * gib},
    Row{"event_streams", &Limits::event_streams, 1, 100'000},
    Row{"event_listeners", &Limits::event_listeners, 1, 1'000},
    Row{"event_sessions", &Limits::event_sessions, 1, 100'000},
    Row{"event_session_idle_ms", &Limits::event_session_idle, 10, day_ms},
    Row{"poll_time_ms", &Limits::poll_time, 10, day_ms},
    Row{"passphrase_time_ms", &Limits::passphrase_time, 10, day_ms},
    Row{"cached_messages", &Limits::cached_messages, 1, 100'000},
    Row{"cached_message_bytes", &Limits::cached_message_bytes, 1024, 8 * gib},
    Row{"cached_message_idle_ms", &Limits::cached_message_idle, 10, day_ms},
};

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
    for (const Row& row : rows) {
        const auto* size = std::get_if<Size>(&row.member);
        const auto value =
            size != nullptr
                ? std::uint64_t{limits.*(*size)}
                : static_cast<std::uint64_t>((limits.*(std::get<Time>(row.member))).count());
        list.emplace_back(row.name, value);
    }
    return list;
}

} // namespace pep::daemon
