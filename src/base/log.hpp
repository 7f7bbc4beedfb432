// The log: levels, a fixed text, named fields. It takes literals, numbers, durations, and text that
// the caller vouches for by `Safe{…}`; strings and secrets do not compile, so that user data stays
// out by construction. A Logger is passed down from main; there is no global one.
#pragma once

#include "base/expected.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pep::log {

enum class Level { error, warn, info, debug, trace };

/// The level of that name ("error" … "trace"), or an error that lists them.
Expected<Level> level_by_name(std::string_view name);

/// Text known when the program was compiled; anything else is refused by the compiler.
class StaticText {
  public:
    template <std::size_t N>
    consteval StaticText(const char (&literal)[N]
    ) // NOLINT(google-explicit-constructor): "…" converts
        : text_(literal, N - 1) {}

    [[nodiscard]] constexpr std::string_view view() const noexcept { return text_; }

  private:
    std::string_view text_;
};

/// Run-time text that the caller knows to hold no user data: a method's name out of our own table,
/// a path of ours. Control characters are escaped on output, so it cannot forge lines.
struct Safe {
    std::string_view text;
};

/// A value that may be logged.
class Value {
  public:
    template <std::size_t N>
    consteval Value(const char (&literal)[N]) // NOLINT(google-explicit-constructor)
        : kind_(Kind::text), text_(literal, N - 1) {}

    Value(Safe safe) : kind_(Kind::text), text_(safe.text) {} // NOLINT(google-explicit-constructor)

    Value(StaticText text) // NOLINT(google-explicit-constructor)
        : kind_(Kind::text), text_(text.view()) {}

    template <class T>

    requires(std::integral<T> || std::is_enum_v<T>)
        Value(T number) // NOLINT(google-explicit-constructor)
        : kind_(std::is_same_v<T, bool> ? Kind::boolean : Kind::number),
          number_(static_cast<std::int64_t>(number)) {}

    template <class Rep, class Period>
    Value(std::chrono::duration<Rep, Period> time) // NOLINT(google-explicit-constructor)
        : kind_(Kind::microseconds),
          number_(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) {}

    /// Append the value as it stands in a log line.
    void append_to(std::string& line) const;

  private:
    enum class Kind { text, number, boolean, microseconds };
    Kind kind_;
    std::int64_t number_ = 0;
    std::string_view text_;
};

struct Field {
    StaticText name;
    Value value;
};

/// Lines kept in memory, counted from 1 on.
struct Recent {
    std::vector<std::string> lines; ///< without line feed, in order
    std::uint64_t next = 0;         ///< number of the last line ever written
    std::uint64_t lost = 0;         ///< lines after the one asked for that are kept no more
};

/// Any thread. A default Logger writes nothing; copies share one sink.
class Logger {
  public:
    Logger() = default;

    /// Lines go to standard error.
    static Logger to_stderr(Level least);

    /// Lines are appended to a file (mode 0600, no symlink). Fails when it cannot be opened.
    static Expected<Logger> to_file(const std::filesystem::path& file, Level least);

    /// Lines are kept in memory only.
    static Logger to_memory(Level least);

    /// Keep the last lines in memory, too. Before the logger is copied and used.
    void keep_recent(std::size_t most);

    /// The kept lines behind number `after`. Nothing is kept before keep_recent().
    [[nodiscard]] Recent recent(std::uint64_t after) const;

    /// Open the file anew under its name, after somebody rotated it; nothing for other sinks. When
    /// that fails, the log goes on into the file it has.
    void reopen();

    [[nodiscard]] bool enabled(Level level) const noexcept;
    void write(Level level, StaticText text, std::initializer_list<Field> fields = {}) const;

    void error(StaticText text, std::initializer_list<Field> fields = {}) const {
        write(Level::error, text, fields);
    }

    void warn(StaticText text, std::initializer_list<Field> fields = {}) const {
        write(Level::warn, text, fields);
    }

    void info(StaticText text, std::initializer_list<Field> fields = {}) const {
        write(Level::info, text, fields);
    }

    void debug(StaticText text, std::initializer_list<Field> fields = {}) const {
        write(Level::debug, text, fields);
    }

  private:
    struct State; // holds the spdlog sink
    std::shared_ptr<State> state_;
};

} // namespace pep::log
